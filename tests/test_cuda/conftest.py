"""Tests that need a GPU; they skip, and say so, where there is none."""

import pytest
import torch
from golden_table import *  # noqa: F403

import cleaners.register_modules  # noqa: F401


def pytest_collection_modifyitems(items) -> None:
    """Mark all tests of this folder."""
    for item in items:
        if 'test_cuda' in item.path.parts:
            item.add_marker(pytest.mark.cuda)


@pytest.fixture(scope='session')
def device() -> torch.device:
    """The GPU."""
    if not torch.cuda.is_available():
        pytest.skip('torch sees no GPU')
    return torch.device('cuda')
