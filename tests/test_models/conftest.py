"""Registration, once for the tests of the models."""

import pytest
import torch
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401


@pytest.fixture(autouse=True)
def default_scope() -> None:
    """Resolve types as a config of the project does, with one seed."""
    init_default_scope('mmdet3d')
    torch.manual_seed(0)
