"""Registration, once for the tests of the models; a small distiller."""

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.testing import tiny_distiller, tiny_ssc_net


@pytest.fixture(autouse=True)
def default_scope() -> None:
    """Resolve types as a config of the project does, with one seed."""
    init_default_scope('mmdet3d')
    torch.manual_seed(0)


@pytest.fixture
def teacher_file(tmp_path):
    torch.manual_seed(7)
    path = tmp_path / 'teacher.pth'
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), path)
    return str(path)


@pytest.fixture
def distiller(teacher_file):
    model = MODELS.build(tiny_distiller(teacher_file))
    model.load_teacher()
    return model
