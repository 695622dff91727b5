"""A teacher that is wider than its student."""

import pytest
import torch
from mmdet3d.registry import MODELS

from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.utils.errors import InputError


@pytest.fixture
def adapted(tmp_path):
    """A distiller whose teacher is wider than its student."""
    torch.manual_seed(7)
    path = tmp_path / 'wide.pth'
    teacher = tiny_ssc_net(channels=12)
    torch.save(MODELS.build(teacher).state_dict(), path)
    cfg = dict(
        tiny_distiller(str(path)),
        teacher=teacher,
        kd_surface=dict(type='SurfaceKDLoss', student_channels=8, teacher_channels=12),
    )
    model = MODELS.build(cfg)
    model.load_teacher()
    return model


def test_the_adapter_of_kd_t_is_beside_the_students_state(adapted):
    assert list(adapted.state_dict()) == list(MODELS.build(tiny_ssc_net()).state_dict())
    state = adapted.own_state_dict()
    assert {k: tuple(v.shape) for k, v in state.items()} == {
        'kd_surface.adapter.weight': (12, 8, 1, 1, 1),
        'kd_surface.adapter.bias': (12,),
    }
    trained = {id(p) for p in adapted.parameters() if p.requires_grad}
    assert {id(p) for p in adapted.kd_surface.parameters()} <= trained

    saved = {key: value + 1 for key, value in state.items()}
    adapted.load_own_state_dict(saved)
    for key, value in adapted.own_state_dict().items():
        assert torch.equal(value, saved[key])
    # loading a student leaves the adapter alone
    adapted.load_state_dict(MODELS.build(tiny_ssc_net()).state_dict(), strict=True)
    for key, value in adapted.own_state_dict().items():
        assert torch.equal(value, saved[key])


def test_the_state_of_other_losses_is_refused(adapted, distiller):
    assert distiller.own_state_dict() == {}
    with pytest.raises(InputError, match='other distillation losses'):
        distiller.load_own_state_dict(adapted.own_state_dict())
    with pytest.raises(InputError, match='other distillation losses'):
        adapted.load_own_state_dict({})


def test_other_widths_need_the_adapter(adapted):
    adapted.kd_surface.adapter = None
    with pytest.raises(ValueError, match='set kd_surface.student_channels'):
        adapted(*make_ssc_batch(), mode='loss')
    with pytest.raises(ValueError, match='given together'):
        MODELS.build(dict(type='SurfaceKDLoss', student_channels=8))
