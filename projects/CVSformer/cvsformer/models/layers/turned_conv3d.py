from collections.abc import Sequence
from functools import partial

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cleaners.models.layers.folded_sequential import run_convolution
from cleaners.utils.errors import InputError

from .turned_taps import public_neighbours, tap_matrix

MODES = ('rotated', 'planes', 'public')


class TurnedConv3d(nn.Conv3d):
    """3x3x3 convolution whose kernel is turned about the depth axis.

    Every tap of the turned kernel reads the volume between its voxels, by
    trilinear interpolation. That is a convolution with a larger kernel, which
    is made of the weights at every call.

    The other modes are those of the public code, for weights that were
    trained with it. It reads all taps of all voxels first (with an error of
    rounding, see :func:`public_neighbours`), then convolves the whole row of
    them in an order in which the taps of a voxel do not meet: 'planes'. Of
    its B * C planes only the first B are read, and of these the gradients all
    go to the very first one; the rest is 0: 'public', whose results depend
    on the batch.

    Args:
        in_channels (int): C of the input.
        out_channels (int): Of the output.
        degrees (float): By which the kernel is turned.
        grid_size (Sequence[int]): (x, y, z) of the volume.
        mode (str): 'rotated', 'planes' or 'public'. Defaults to 'rotated'.

    Raises:
        InputError: If there is no such mode.
    """

    taps: Tensor
    neighbours: Tensor
    neighbour_weights: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        degrees: float,
        grid_size: Sequence[int],
        mode: str = 'rotated',
    ) -> None:
        super().__init__(in_channels, out_channels, 3, padding=1)
        if mode not in MODES:
            raise InputError(
                f'view_mode should be one of {list(MODES)}, but got {mode!r}'
            )
        self.mode = mode
        # constants, not weights
        if mode == 'rotated':
            self.register_buffer('taps', tap_matrix(degrees), persistent=False)
            return
        neighbours, weights = public_neighbours(degrees, grid_size)
        self.register_buffer('neighbours', neighbours, persistent=False)
        self.register_buffer('neighbour_weights', weights, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (B, C, x, y, z); the grid stays."""
        if self.mode != 'rotated':
            row = self._read_taps(x).view(*x.shape[:2], 3, 3, -1)
            return F.conv3d(row, self.weight, self.bias, stride=3).view(
                len(x), -1, *x.shape[2:]
            )
        kernel = self.turned_kernel()
        padding = [size // 2 for size in kernel.shape[2:]]
        run = partial(F.conv3d, weight=kernel, bias=self.bias, padding=padding)
        return run_convolution(run, x, kernel.shape[2:])

    def turned_kernel(self) -> Tensor:
        """Return the kernel that reads whole voxels.

        Returns:
            Tensor: (out_channels, C, n, n, 3), see :func:`tap_matrix`.
        """
        with torch.autocast(self.weight.device.type, enabled=False):
            return torch.tensordot(self.weight.flatten(2), self.taps.to(self.weight), 1)

    def _read_taps(self, x: Tensor) -> Tensor:
        """Read all taps of all voxels, as the public code does.

        Returns:
            Tensor: (B * C, N, 27).
        """
        planes = x.flatten(2).flatten(0, 1)
        num_planes = len(planes)
        if self.mode == 'public':
            first = planes[:1]
            # the values of the first B, whose gradients the first one gets
            planes = planes[: len(x)].detach() + (first - first.detach())
        padded = F.pad(planes, (0, 1))  # the outside is 0
        taps = padded.new_zeros(len(padded), *self.neighbours.shape[:2])
        for corner in range(self.neighbours.shape[-1]):
            read = padded[:, self.neighbours[..., corner]]
            taps = taps + read * self.neighbour_weights[:, corner]
        return F.pad(taps, (0, 0, 0, 0, 0, num_planes - len(planes)))
