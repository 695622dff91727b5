"""A setting that nothing reads is not passed over."""

import pytest
from mmengine.config import Config

from cleaners.engine.dead_settings import refuse_dead_settings
from cleaners.utils.errors import InputError


@pytest.mark.parametrize('value', [True, dict(dynamic=False)])
def test_the_new_place_is_named(value):
    with pytest.raises(
        InputError, match="'compile' has moved: set default_hooks.compile.enable "
    ):
        refuse_dead_settings(Config(dict(compile=value)))


def test_what_mmengine_reads_is_let_pass():
    refuse_dead_settings(
        Config(dict(compile=False, env_cfg=dict(cudnn_benchmark=True)))
    )


@pytest.mark.parametrize('key', ['cudnn_benchmrk', 'allow_tf32'])
def test_what_mmengine_passes_over_is_refused(key):
    with pytest.raises(
        InputError, match=f"'env_cfg.{key}' does nothing; env_cfg has cudnn_"
    ):
        refuse_dead_settings(Config(dict(env_cfg={key: False})))


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
