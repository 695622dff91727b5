"""Golden numbers, and the table of measured differences.

``pytest tests/test_parity -v`` ends with the table of docs/parity.md.
"""
import pytest
import torch
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401

_MEASURED = {}


@pytest.fixture(autouse=True)
def default_scope() -> None:
    """Resolve types as a config of the project does."""
    init_default_scope('mmdet3d')


@pytest.fixture(autouse=True, scope='session')
def full_precision() -> None:
    """Let no test in this folder run in TF32, whatever the machine."""
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


@pytest.fixture(scope='session')
def within():
    """Check a difference against its tolerance, and keep the largest."""

    def check(case: str, what: str, dtype: str, difference: float,
              tolerance: float) -> None:
        row = _MEASURED.setdefault((case, what, dtype), [0., tolerance])
        row[0] = max(row[0], float(difference))
        assert difference <= tolerance, (
            f'{case}, {what}, {dtype}: {difference:.2e} > {tolerance:.0e}')

    return check


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Print the largest differences in a verbose run."""
    if not _MEASURED or config.get_verbosity() < 1:
        return
    terminalreporter.section('largest differences to the golden numbers')
    for (case, what, dtype), (value, tolerance) in _MEASURED.items():
        terminalreporter.write_line(
            f'{case:16} {what:28} {dtype}  {value:8.1e}  of {tolerance:.0e}')
