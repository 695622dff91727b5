"""The two optimizers of AMMNet, and what they refuse."""

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from tiny_ammnet import tiny_run_cfg, tiny_trainer

from cleaners.engine.run_setup import enable_amp
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')


@pytest.mark.parametrize('kind', ['BFloat16OptimWrapper', 'AmpOptimWrapper'])
def test_joint_optimizers_have_a_wrapper_of_their_own(kind):
    init_default_scope('mmdet3d')
    wrapper = dict(type=kind, optimizer=dict(type='SGD', lr=1.0))
    settings = dict(
        constructor='JointOptimWrapperConstructor',
        generator=wrapper,
        discriminator=wrapper,
    )
    with pytest.raises(InputError, match=rf'generator\.type is {kind} .* but'):
        build_optim_wrapper(MODELS.build(tiny_trainer()), settings)


def test_joint_optimizers_take_the_place_of_a_wrapper_in_bfloat16():
    """As in ammnet_efflite0-d32, whose type alone is set anew."""
    init_default_scope('mmdet3d')
    part = dict(
        type='OptimWrapper', native_only=True, optimizer=dict(type='SGD', lr=1.0)
    )
    joint = dict(constructor='JointOptimWrapperConstructor')
    wrappers = build_optim_wrapper(
        MODELS.build(tiny_trainer()), dict(joint, generator=part, discriminator=part)
    )
    assert {type(wrapper).__name__ for wrapper in wrappers.values()} == {
        'ZeroingOptimWrapper'
    }


def test_joint_optimizers_do_not_accumulate():
    """Each would take the other network's gradient, half gathered."""
    init_default_scope('mmdet3d')
    part = dict(accumulative_counts=2, optimizer=dict(type='SGD', lr=1.0))
    joint = dict(constructor='JointOptimWrapperConstructor')
    trainer = MODELS.build(tiny_trainer())
    wrappers = build_optim_wrapper(
        trainer, dict(joint, generator=part, discriminator=part)
    )
    loss = next(trainer.discriminator.parameters()).sum()
    with pytest.raises(InputError, match='of 2 batches: set .*base_batch_size=None'):
        wrappers['discriminator'].update_params(loss)


def test_one_class_of_objects_is_too_few():
    init_default_scope('mmdet3d')
    cfg = tiny_trainer()
    cfg['generator'] = dict(cfg['generator'], num_classes=2)
    with pytest.raises(InputError, match='num_classes is 2'):
        MODELS.build(cfg)


def test_mixed_precision_is_for_both(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    cfg = Config(dict(optim_wrapper=tiny_run_cfg('', '')['optim_wrapper']))
    cfg.optim_wrapper.generator.native_only = True
    enable_amp(cfg)
    for part in ('generator', 'discriminator'):
        assert cfg.optim_wrapper[part].type == 'AmpOptimWrapper'
        assert cfg.optim_wrapper[part].loss_scale == 'dynamic'
        # of the small networks' wrapper in bfloat16
        assert 'native_only' not in cfg.optim_wrapper[part]
    assert 'type' not in cfg.optim_wrapper
