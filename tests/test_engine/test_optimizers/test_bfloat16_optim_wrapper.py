import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.engine.optimizers.bfloat16_optim_wrapper import has_bfloat16
from cleaners.testing import make_ssc_batch
from cleaners.testing.tiny import tiny_distiller, tiny_ssc_net


def train_once(wrapper_type, teacher_ckpt, **options):
    torch.manual_seed(0)
    model = MODELS.build(tiny_distiller(teacher_ckpt))
    model.load_teacher()
    for module in model.modules():
        if hasattr(module, 'p'):
            module.p = 0.0
    wrapper = build_optim_wrapper(
        model, dict(type=wrapper_type, optimizer=dict(type='AdamW', lr=1e-3), **options)
    )
    inputs, samples = make_ssc_batch()
    with wrapper.optim_context(model):
        losses = model.eval()(inputs, samples, mode='loss')
    wrapper.update_params(sum(losses.values()))
    return losses, model


@pytest.fixture
def teacher_ckpt(tmp_path):
    init_default_scope('mmdet3d')
    torch.manual_seed(1)
    path = tmp_path / 'teacher.pth'
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), path)
    return str(path)


@pytest.mark.parametrize('has_it', [True, False])
def test_the_processor_is_asked(teacher_ckpt, monkeypatch, has_it):
    monkeypatch.setattr(
        torch.cpu,
        'get_capabilities',
        lambda: dict(avx512_bf16=has_it),
        raising=False,  # of torch 2.6
    )
    losses, _ = train_once('BFloat16OptimWrapper', teacher_ckpt)
    if has_it:
        same = train_once('BFloat16OptimWrapper', teacher_ckpt, native_only=False)
    else:
        same = train_once('OptimWrapper', teacher_ckpt)
    assert losses == same[0]


@pytest.mark.parametrize('has_it', [True, False])
def test_an_older_torch_is_asked_otherwise(monkeypatch, has_it):
    """It has no list of capabilities."""
    monkeypatch.delattr(torch.cpu, 'get_capabilities', raising=False)
    monkeypatch.setattr(
        torch.cpu, '_is_avx512_bf16_supported', lambda: has_it, raising=False
    )
    assert has_bfloat16('cpu') == has_it


def test_bfloat16_follows_float32(teacher_ckpt):
    wanted, _ = train_once('OptimWrapper', teacher_ckpt)
    found, model = train_once('BFloat16OptimWrapper', teacher_ckpt, native_only=False)
    assert wanted.keys() == found.keys() and len(found) == 5
    for name, loss in found.items():
        assert loss.dtype == torch.float32
        assert loss.item() == pytest.approx(wanted[name].item(), rel=0.05, abs=2e-4), (
            name
        )
    # it did run in bfloat16: 8 bits of mantissa do not give equal numbers
    assert found['loss_ssc'] != wanted['loss_ssc']
    for parameter in model.student.parameters():
        assert parameter.dtype == torch.float32 and parameter.isfinite().all()
