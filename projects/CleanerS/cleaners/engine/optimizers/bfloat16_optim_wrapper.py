from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn as nn
from mmengine.optim import OptimWrapper
from mmengine.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(OptimWrapper):
    """Train under bfloat16 autocast, on CUDA or on the CPU.

    Weights, optimizer and losses stay float32. bfloat16 has the range of
    float32, so there is no loss scaling; mmengine's ``AmpOptimWrapper`` has
    it, and runs on a GPU only.

    Args:
        *args: Of :obj:`mmengine.optim.OptimWrapper`.
        native_only (bool): Whether a device without bfloat16 arithmetic,
            where it would be slower, trains in float32 instead. Defaults to
            True.
        **kwargs: Of :obj:`mmengine.optim.OptimWrapper`.
    """

    def __init__(self, *args: Any, native_only: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.native_only = native_only

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Run the forward pass inside."""
        device = next(model.parameters()).device.type
        enabled = not self.native_only or has_bfloat16(device)
        with (
            super().optim_context(model),
            torch.autocast(device, torch.bfloat16, enabled=enabled),
        ):
            yield


def has_bfloat16(device: str) -> bool:
    """Return whether a device multiplies bfloat16 faster than float32.

    Args:
        device (str): 'cpu' or 'cuda'.
    """
    if device == 'cpu':
        # torch 2.6 has no such list
        if not hasattr(torch.cpu, 'get_capabilities'):
            return torch.cpu._is_avx512_bf16_supported()
        return torch.cpu.get_capabilities().get('avx512_bf16', False)
    return torch.cuda.is_bf16_supported(including_emulation=False)
