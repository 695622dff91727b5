"""Weights that come with the package, by name.

They are kept small: in half precision, and an encoder that several networks
share in a file of its own. The first use makes an ordinary checkpoint of
them, in torch's folder for such files.
"""

import hashlib
from pathlib import Path
from typing import Optional

import torch

from .checkpoint_writing import save_checkpoint
from .safe_globals import register_safe_globals

FOLDER = Path(__file__).resolve().parents[1] / 'weights'
# in the meta of a shipped file: the network, as JSON, and the file of the
# weights that it shares with others
NETWORK, SHARED = 'network', 'shared'


def shipped_names() -> list[str]:
    """List the networks that can be had by name."""
    paths = sorted(FOLDER.glob('*.pth'))
    return [path.stem for path in paths if NETWORK in _read(path)['meta']]


def shipped_checkpoint(name: str) -> Optional[str]:
    """Return an ordinary checkpoint of a shipped network.

    Args:
        name (str): Such as 'cleaners_depth-d32'.

    Returns:
        str | None: The file, in float32; None if there is no such network.
    """
    source = FOLDER / f'{name}.pth'
    if source.parent != FOLDER or not source.is_file():
        return None
    content = _read(source)
    if NETWORK not in content['meta']:
        return None
    sources = [source]
    if SHARED in content['meta']:
        sources.append(FOLDER / f'{content["meta"][SHARED]}.pth')
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    target = Path(
        torch.hub.get_dir(), 'checkpoints', f'{name}-{digest.hexdigest()[:8]}.pth'
    )
    if not target.is_file():
        _expand(content, sources[1:], target)
    return str(target)


def _expand(content: dict, shared: list[Path], target: Path) -> None:
    """Join the parts and write them in float32."""
    weights = dict(content['state_dict'])
    for path in shared:
        weights.update(_read(path)['state_dict'])
    weights = {
        key: value.float() if value.is_floating_point() else value
        for key, value in weights.items()
    }
    save_checkpoint(dict(meta=content['meta'], state_dict=weights), target)


def _read(path: Path) -> dict:
    register_safe_globals()
    return torch.load(path, map_location='cpu', weights_only=True)
