import torch
import torch.nn as nn
from torch import Tensor


class MaskDropout(nn.Dropout):
    """``nn.Dropout`` that keeps one byte an element for backward.

    Torch's own keeps a float32 factor on the CPU, which is as large as the
    input.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Drop elements of ``x``, of any shape."""
        if not self.training or self.p == 0:
            return x
        return torch.native_dropout(x, self.p, True)[0]
