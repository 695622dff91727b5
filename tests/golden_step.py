"""How the tests of one training step compare it with the goldens' step.

Each keeps its step as a namespace with ``dtype``, ``arrays`` (what is stored of
whole tensors), ``grads`` and ``buffers`` (by the authors' names).
"""

from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace

import numpy as np
import torch
from golden_cases import at, relative, suffix

# name: tolerance in float32 and in float64
Tolerances = Mapping[str, tuple[float, float]]


def checker(
    within: Callable, case: str, dtype: str, tolerances: Tolerances
) -> Callable[..., None]:
    """Return ``check(what, difference, shown=what)`` of one step.

    Args:
        within (Callable): The fixture of ``golden_table``.
        case (str): What the table of differences calls the step.
        dtype (str): ``float32`` or ``float64``.
        tolerances (Tolerances): By ``what``.
    """

    def check(what: str, difference: float, shown: str = '') -> None:
        within(
            case, shown or what, dtype, difference, tolerances[what][dtype == 'float64']
        )

    return check


def norms_of(grads: Mapping[str, torch.Tensor]) -> dict[str, float]:
    """Return the norm of every gradient."""
    return {name: float(grad.double().norm()) for name, grad in grads.items()}


def relative_differences(
    found: Mapping[str, float], wanted: Mapping[str, float], nothing: Iterable[str]
) -> dict[str, float]:
    """Return the difference of every norm but those that are rounding."""
    names = found.keys() - set(nothing)
    return {name: relative(found[name], wanted[name]) for name in names}


def stored_gradients(step: SimpleNamespace, prefix: str = 'grad.') -> dict[str, float]:
    """Return the relative difference of every gradient of which values are kept."""
    names = [
        key[len(prefix) : -len('.idx')]
        for key in step.arrays
        if key.startswith(prefix) and key.endswith('.idx')
    ]
    return {name: _gradient_difference(step, prefix, name) for name in names}


def _gradient_difference(step: SimpleNamespace, prefix: str, name: str) -> float:
    found = at(step.grads[name], step.arrays[f'{prefix}{name}.idx'])
    wanted = step.arrays[f'{prefix}{name}.val{suffix(step.dtype)}']
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def running_statistics(step: SimpleNamespace, prefix: str = 'bn.') -> dict[str, float]:
    """Return the largest difference of every running mean and variance kept.

    Counters of batches are compared here: they have no tolerance.
    """
    end = '.64' if step.dtype == 'float64' else ''
    differences = {}
    for key in step.arrays:
        if not key.startswith(prefix) or key.endswith('.64'):
            continue
        found = step.buffers[key[len(prefix) :]].numpy()
        if key.endswith('_tracked'):
            assert found == step.arrays[key], key
        else:
            differences[key] = float(np.abs(found - step.arrays[key + end]).max())
    return differences
