"""A tiny network of 3D-Sketch."""

import sketch3d.register_modules  # noqa: F401
from cleaners.testing import tiny_ssc_net

TSDF_ALONE = dict(backbone=None, head_2d=None, voxel_neck=None)


def tiny_sketch_net(cvae=None, **kwargs) -> dict:
    """Return the config of a network for GRID_SIZE, with D = 8.

    Args:
        cvae (dict, optional): Settings of the CVAE.
        **kwargs: As of :func:`tiny_ssc_net`.
    """
    encoder = dict(
        type='SketchEncoder',
        stem_channels=(3, 4),
        cvae=dict(type='SketchCVAE', channels=4, **(cvae or {})),
    )
    return tiny_ssc_net(type='SketchSegmentor', tsdf_encoder=encoder, **kwargs)
