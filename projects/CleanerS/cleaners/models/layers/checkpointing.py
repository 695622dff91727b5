from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any, Callable

import torch
import torch.nn as nn
from torch.utils.checkpoint import checkpoint

from .tracked_norm import is_tracked_norm


def run_layer(layer: Callable, *args: Any, with_cp: bool) -> Any:
    """Run a layer, with activation checkpointing where it saves memory.

    A checkpointed layer keeps only its inputs and runs once more in the
    backward pass: with the same random numbers, and without touching the
    running statistics a second time.

    Args:
        layer (Callable): A module, or a method of one.
        *args: Its inputs.
        with_cp (bool): Whether to checkpoint it when gradients are needed.

    Returns:
        Any: Its output.
    """
    if not with_cp or not torch.is_grad_enabled():
        return layer(*args)
    if torch.compiler.is_compiling():  # which updates statistics once
        return checkpoint(layer, *args, use_reentrant=False)
    return checkpoint(
        layer,
        *args,
        use_reentrant=False,
        context_fn=partial(_contexts, layer),
    )


def _contexts(layer: Callable) -> tuple:
    """Contexts of the forward pass and of its repetition."""
    module = getattr(layer, '__self__', layer)  # of a method, or itself
    return nullcontext(), _kept_statistics(module)  # type: ignore[arg-type]


@contextmanager
def _kept_statistics(module: nn.Module) -> Iterator[None]:
    """Let BatchNorm leave its running statistics as they are."""
    norms = [layer for layer in module.modules() if is_tracked_norm(layer)]
    kept = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, (momentum, count) in zip(norms, kept):
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(count)
