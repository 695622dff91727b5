"""Small networks with the proportions of those that the authors released."""

from collections.abc import Mapping, Sequence

import torch

# sizes are read from them
_MIT = dict(
    type='SegFormerMiT',
    embed_dims=8,
    num_layers=[1, 2, 1, 1],
    num_heads=[1, 2, 5, 8],
    sr_ratios=[8, 4, 2, 1],
)


def with_released_proportions(net: dict) -> dict:
    """Give a tiny network a small MiT, and the authors' stem; changed in place."""
    net['backbone'] = dict(_MIT)
    net['head_2d']['in_channels'] = [8, 16, 40, 64]
    net['tsdf_encoder'].pop('stem_channels')
    return net


def random_tensors(shapes: Mapping[str, Sequence[int]]) -> dict[str, torch.Tensor]:
    """A tensor of each shape, no two alike; counters are 7."""
    return {
        name: torch.randn(shape) if shape else torch.tensor(7)
        for name, shape in shapes.items()
    }
