import torch
from torch import Tensor


def full_precision(x: Tensor) -> Tensor:
    """Return half-precision values as float32, others as they are.

    Args:
        x (Tensor): Any shape; of autocast, perhaps.
    """
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
