import pytest
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.testing import write_tiny_dataset


@pytest.fixture(autouse=True)
def default_scope() -> None:
    """Resolve types as a config of the project does."""
    init_default_scope('mmdet3d')


@pytest.fixture
def tiny_root(tmp_path):
    """A small data set on disk: 4 frames to train, 3 to test."""
    write_tiny_dataset(tmp_path / 'Tiny')
    return tmp_path / 'Tiny'
