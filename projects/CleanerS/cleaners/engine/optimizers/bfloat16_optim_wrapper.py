from contextlib import contextmanager
from typing import Iterator

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
        *args, **kwargs: Of :obj:`mmengine.optim.OptimWrapper`.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Run the forward pass inside."""
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(
                device, torch.bfloat16):
            yield
