"""Put the kept states back: ``python resume/restore.py WORK_DIR``.

The encoder, which the networks of the photo league share, is kept once.
``distillation_gain.py run --work-dir WORK_DIR --epochs 20`` then goes on.
"""

import lzma
import shutil
import sys
import tempfile
from pathlib import Path

import torch

from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.checkpoint_writing import save_checkpoint

HERE = Path(__file__).resolve().parent


def unpack(path: Path) -> dict:
    """Read a checkpoint that was packed by xz."""
    with tempfile.NamedTemporaryFile(suffix='.pth') as file:
        file.write(lzma.decompress(path.read_bytes()))
        file.flush()
        return read_checkpoint(file.name)


def restore(work_dir: Path) -> None:
    """Write the checkpoints, logs and scores to where the experiment goes on from."""
    shared = unpack(HERE / 'photo/pretrain2d/epoch_6.pth.xz')
    encoder = {
        key: value
        for key, value in shared['state_dict'].items()
        if key.startswith('backbone.')
    }
    for path in sorted(HERE.glob('**/*.pth.xz')):
        target = work_dir / path.relative_to(HERE).with_suffix('')
        if target.exists():
            continue
        content = unpack(path)
        if path.parts[-3] == 'photo':
            content['state_dict'].update(encoder)
        save_checkpoint(content, target)
        print(target)
    for path in sorted(HERE.glob('**/*.json')):
        target = work_dir / path.relative_to(HERE)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy(path, target)
            print(target)


if __name__ == '__main__':
    torch.set_num_threads(1)
    restore(Path(sys.argv[1]))
