"""What an exported network says of itself."""

from typing import Any, Optional

from torch import Tensor

from ..models.segmentors import SSCSegmentor
from ..version import __version__
from .static_net import StaticSSCNet

# the entry of a file that holds it, as JSON
KEY = 'cleaners'


def describe_network(static: StaticSSCNet) -> dict[str, Any]:
    """Describe inputs, outputs and training data of a network.

    Returns:
        dict: For JSON. ``inputs`` and ``outputs``, each name with ``shape``
        and ``dtype``; ``classes`` and ``profile`` of the training data, None
        where the checkpoint does not say; ``num_classes``; ``void_logit``,
        whether one logit more follows those of the classes, and
        ``void_thr``, the probability from which on a voxel is void (None
        without); ``img_size`` (H, W), ``grid_size`` (X, Y, Z), and ``mean``
        and ``std`` of an RGB photo of 0..255 (None without photo).
    """
    net = static.net
    trained_on = getattr(net, 'dataset_meta', {})
    inputs = {
        name: dict(shape=list(value.shape), dtype=str(value.dtype)[6:])
        for name, value in static.make_inputs().items()
    }
    has_void = net.decode_head.void_classifier is not None
    logits = [1, net.num_classes + has_void, *net.grid_size]
    sees_photo = 'img' in inputs
    return dict(
        version=__version__,
        inputs=inputs,
        outputs=dict(logits=dict(shape=logits, dtype='float32')),
        classes=_as_list(trained_on.get('classes')),
        num_classes=net.num_classes,
        void_logit=has_void,
        void_thr=net.decode_head.void_thr if has_void else None,
        img_size=list(net.img_size) if 'mapping' in inputs else None,
        grid_size=list(net.grid_size),
        mean=_normalisation(net, 'mean') if sees_photo else None,
        std=_normalisation(net, 'std') if sees_photo else None,
        profile=trained_on.get('profile'),
    )


def _as_list(values: Optional[tuple]) -> Optional[list[str]]:
    return None if values is None else list(values)


def _normalisation(net: SSCSegmentor, name: str) -> list[float]:
    """Mean or std of the three channels, R first."""
    values: Tensor = getattr(net.data_preprocessor, name)
    return [round(float(value), 4) for value in values.flatten()]
