"""Models in the wrapper that trains them on several devices."""

from typing import Any

import torch.nn as nn
from mmengine.model import is_model_wrapper


def unwrap(module: nn.Module) -> Any:
    """Return a module, out of its data-parallel wrapper if it has one."""
    return module.module if is_model_wrapper(module) else module
