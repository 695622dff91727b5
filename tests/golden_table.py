"""Fixtures of the tests against goldens, and the table that they fill.

A folder's conftest.py imports what it needs. ``pytest FOLDER -v`` ends with
the table of measured differences.
"""

import pytest
import torch
from mmengine.registry import init_default_scope

__all__ = ['default_scope', 'full_precision', 'pytest_terminal_summary', 'within']
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

    def check(
        case: str, what: str, dtype: str, difference: float, tolerance: float
    ) -> None:
        row = _MEASURED.setdefault((case, what, dtype), [0.0, tolerance])
        row[0] = max(row[0], float(difference))
        assert difference <= tolerance, (
            f'{case}, {what}, {dtype}: {difference:.2e} > {tolerance:.0e}'
        )

    return check


def pytest_terminal_summary(terminalreporter, config) -> None:
    """Print the largest differences in a verbose run."""
    if not _MEASURED or config.get_verbosity() < 1:
        return
    terminalreporter.section('largest differences to the golden numbers')
    while _MEASURED:  # once, however many folders ask for it
        (case, what, dtype), row = next(iter(_MEASURED.items()))
        del _MEASURED[case, what, dtype]
        terminalreporter.write_line(
            f'{case:18} {what:32} {dtype}  {row[0]:8.1e}  of {row[1]:.0e}'
        )
