"""A tiny network of CVSformer, and what it sees."""

import torch

import cvsformer.register_modules  # noqa: F401
from cleaners.testing import make_ssc_batch, tiny_ssc_net
from cleaners.testing.tiny import IMG_SIZE

NUM_LABELS = 14


def tiny_cvs_net(head=None, num_labels=NUM_LABELS, **kwargs) -> dict:
    """Return the config of a network for GRID_SIZE, with F = 8.

    Args:
        head (dict, optional): Settings of the head.
        num_labels (int): Of pixels.
        **kwargs: As of :func:`tiny_ssc_net`.
    """
    settings = dict(
        type='CrossViewSegmentor',
        data_preprocessor=dict(type='SSCDataPreprocessor'),
        backbone=dict(type='SemanticStem', num_labels=num_labels, stem_channels=(3, 4)),
        backbone_input='seg2d',
        freeze_backbone=False,
        head_2d=None,
        voxel_neck=dict(type='VoxelProjectionNeck', initialize=False),
        tsdf_encoder=dict(type='TSDFStem', stem_channels=(3, 4)),
        decode_head=dict(type='CrossViewHead', **(head or {})),
    )
    return tiny_ssc_net(**{**settings, **kwargs})


def tiny_batch(batch_size=2):
    """Make a batch with labels of pixels."""
    inputs, samples = make_ssc_batch(batch_size)
    generator = torch.Generator().manual_seed(0)
    inputs['seg2d'] = torch.randint(
        0, NUM_LABELS, (batch_size, *IMG_SIZE), generator=generator
    )
    return inputs, samples
