from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


@contextmanager
def exact_convolutions() -> Iterator[None]:
    """Let CUDA convolve float32 as such, and not as TensorFloat32.

    That is torch's default, and its products have ten bits; products of
    matrices are exact by default.
    """
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def full_precision(x: Tensor) -> Tensor:
    """Return half-precision values as float32, others as they are.

    Args:
        x (Tensor): Any shape; of autocast, perhaps.
    """
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
