"""AMMNet on a grid that a discriminator can divide."""

import itertools

import torch

import ammnet.register_modules  # noqa: F401
from cleaners.structures import FrameSizes
from cleaners.testing import make_ssc_batch, tiny_runner_cfg, tiny_ssc_net
from cleaners.testing.tiny import IMG_SIZE, NUM_CLASSES

# first and last axis, which are exchanged, differ
SIZES = FrameSizes((12, 12, 24), IMG_SIZE, NUM_CLASSES)
ADAMW = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
    paramwise_cfg=dict(flat_decay_mult=0.0),
    clip_grad=dict(max_norm=10, norm_type=2),
)


def tiny_generator(**kwargs) -> dict:
    """Return the config of a network, with D = 8."""
    head = dict(type='ModulatedSSCHead', **kwargs.pop('head', {}))
    settings = dict(grid_size=SIZES.grid_size, decode_head=head)
    return tiny_ssc_net(**{**settings, **kwargs})


def tiny_trainer(generator=None, **kwargs) -> dict:
    """Return the config of a trainer, with P = 4."""
    return dict(
        type='AdversarialTrainer',
        generator=generator or tiny_generator(),
        discriminator=dict(type='SceneDiscriminator', channels=4),
        **kwargs,
    )


def tiny_batch(**kwargs):
    """Make a batch of two frames."""
    return make_ssc_batch(sizes=SIZES, **kwargs)


def tiny_run_cfg(data_root, work_dir, model=None, wrapper=None, **kwargs) -> dict:
    """Return a whole config for a Runner."""
    wrapper = dict(ADAMW, **(wrapper or {}))
    cfg = tiny_runner_cfg(
        data_root,
        work_dir,
        model or tiny_trainer(),
        optim_wrapper=dict(
            constructor='SplitOptimWrapperConstructor',
            generator=wrapper,
            discriminator=wrapper,
        ),
        param_scheduler=dict(
            generator=dict(type='CosineAnnealingLR', T_max=2), discriminator=[]
        ),
    )
    cfg['custom_imports'] = dict(
        imports=['cleaners.register_modules', 'ammnet.register_modules']
    )
    for split in ('train', 'val', 'test'):
        # collects garbage, which takes a while
        cfg[f'{split}_dataloader']['dataset']['serialize_data'] = False
    cfg['default_hooks']['discriminator'] = dict(type='DiscriminatorHook')
    cfg['default_hooks']['logger'] = dict(type='LoggerHook', interval=1)
    cfg.update(kwargs)
    return cfg


def seed_for(*view):
    """Return a seed with which the head draws flips and exchange so."""
    for seed in itertools.count():
        torch.manual_seed(seed)
        if (torch.rand(3) < 0.5).tolist() == list(view):
            return seed
