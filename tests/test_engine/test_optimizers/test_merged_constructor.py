import torch
import torch.nn as nn
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.engine.optimizers.merged_constructor import merge_groups


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv3d(1, 2, 3)
        self.norm = nn.BatchNorm3d(2)
        self.attn = nn.MultiheadAttention(4, 2)
        self.frozen = nn.Linear(2, 2).requires_grad_(False)


def wrapper(model, **options):
    init_default_scope('mmdet3d')
    return build_optim_wrapper(
        model,
        dict(
            type='OptimWrapper',
            optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
            paramwise_cfg=dict(flat_decay_mult=0.0),
            **options,
        ),
    )


def test_one_group_for_equal_options():
    """No decay on what is one-dimensional; frozen weights are left out."""
    model = Model()
    merged = wrapper(model, constructor='MergedOptimWrapperConstructor')
    groups = {
        group['weight_decay']: set(map(id, group['params']))
        for group in merged.optimizer.param_groups
    }
    trained = [p for p in model.parameters() if p.requires_grad]
    assert groups == {
        0.05: {id(p) for p in trained if p.ndim > 1},
        0.0: {id(p) for p in trained if p.ndim == 1},
    }


def test_the_step_is_that_of_mmengines_constructor():
    models = []
    for constructor in (
        'MergedOptimWrapperConstructor',
        'DefaultOptimWrapperConstructor',
    ):
        torch.manual_seed(0)
        model = Model()
        optim = wrapper(model, constructor=constructor)
        for _ in range(3):
            loss = model.norm(model.conv(torch.ones(2, 1, 4, 4, 4))).pow(4)
            loss = loss.sum() + model.attn(*torch.ones(3, 2, 1, 4))[0].sum()
            optim.update_params(loss)
        models.append(model)
    for merged, default in zip(*(m.parameters() for m in models)):
        assert torch.equal(merged, default)


def test_merge_keeps_every_parameter_and_other_options():
    groups = [
        dict(params=['a'], lr=1.0),
        dict(params=['b'], lr=2.0),
        dict(params=['c'], lr=1.0),
    ]
    assert merge_groups(groups) == [
        dict(params=['a', 'c'], lr=1.0),
        dict(params=['b'], lr=2.0),
    ]
