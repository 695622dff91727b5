"""A setting that nothing reads is not passed over."""

import pytest
from mmengine.config import Config

from cleaners.engine.dead_settings import refuse_dead_settings
from cleaners.utils.errors import InputError


@pytest.mark.parametrize(
    'cfg, old, new',
    [
        (
            dict(auto_accumulate=dict(base_batch_size=4)),
            'auto_accumulate',
            'default_hooks.effective_batch.base_batch_size',
        ),
        (
            dict(auto_accumulate=None),
            'auto_accumulate',
            'default_hooks.effective_batch.base_batch_size',
        ),
        (dict(compile=dict(dynamic=False)), 'compile', 'default_hooks.compile.enable'),
        (
            dict(env_cfg=dict(keep_freed_mb=4)),
            'env_cfg.keep_freed_mb',
            'default_hooks.runtime.keep_freed_mb',
        ),
        (
            dict(env_cfg=dict(allow_tf32=False)),
            'env_cfg.allow_tf32',
            'default_hooks.runtime.allow_tf32',
        ),
    ],
)
def test_the_new_place_is_named(cfg, old, new):
    with pytest.raises(InputError, match=f"'{old}' has moved: set {new} "):
        refuse_dead_settings(Config(cfg))


def test_what_mmengine_reads_is_let_pass():
    refuse_dead_settings(
        Config(dict(compile=False, env_cfg=dict(cudnn_benchmark=True)))
    )


def test_what_mmengine_passes_over_is_refused():
    with pytest.raises(
        InputError, match="'env_cfg.cudnn_benchmrk' does nothing; env_cfg has cudnn_"
    ):
        refuse_dead_settings(Config(dict(env_cfg=dict(cudnn_benchmrk=False))))


@pytest.mark.parametrize(
    'scheduler, match',
    [
        (
            dict(first=[], second=[], T_max=3),
            "'param_scheduler.T_max' does nothing; set instead: "
            r'param_scheduler.first.T_max, param_scheduler.second.T_max',
        ),
        (dict(first=dict(type='ConstantLR')), r"lacks 'second'.*\[\] for a const"),
    ],
)
def test_schedulers_are_those_of_the_parts(scheduler, match):
    parts = dict(constructor='C', first=dict(), second=dict())
    good = [[], None, dict(type='ConstantLR'), dict(first=[], second=[])]
    for other in good:
        refuse_dead_settings(Config(dict(optim_wrapper=parts, param_scheduler=other)))
    with pytest.raises(InputError, match=match):
        refuse_dead_settings(
            Config(dict(optim_wrapper=parts, param_scheduler=scheduler))
        )
