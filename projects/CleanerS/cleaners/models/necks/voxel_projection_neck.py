from typing import Sequence, Tuple

import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor


@MODELS.register_module()
class VoxelProjectionNeck(BaseModule):
    """Put 2D features into the voxel grid (METHOD section 2.2).

    Every voxel that a pixel names takes the feature of that pixel, read from
    the feature map by bilinear interpolation (``align_corners=False``, as if
    the map were upsampled to the image size first); all others are 0. Where
    several pixels name one voxel the last in raster order wins, on every
    device. Then the 3D initialisation spreads the features by one voxel.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z). Defaults to
            (60, 36, 60).
    """

    def __init__(self, grid_size: Sequence[int] = (60, 36, 60)) -> None:
        super().__init__()
        self.grid_size = tuple(grid_size)

    def forward(self, feat_2d: Tensor, mapping2d: Tensor) -> Tensor:
        """Project, then initialise.

        Args:
            feat_2d (Tensor): (B, D, h, w).
            mapping2d (Tensor): (B, H, W) int64, the flat voxel index of each
                pixel, -1 for none.

        Returns:
            Tensor: V, (B, D, X, Y, Z).
        """
        return initialize_voxels(self.project(feat_2d, mapping2d))

    def project(self, feat_2d: Tensor, mapping2d: Tensor) -> Tensor:
        """Project without the 3D initialisation; arguments as `forward`.

        Returns:
            Tensor: (B, D, X, Y, Z), 0 where no pixel names the voxel.
        """
        batch, channels = feat_2d.shape[:2]
        x_size, y_size, z_size = self.grid_size
        voxels, pixels = unique_pixels(mapping2d, x_size * y_size * z_size)
        values = sample_pixels(feat_2d, pixels, tuple(mapping2d.shape[-2:]))
        # channels last: one contiguous row a voxel, as the rows are gathered
        volume = values.new_zeros(
            (batch * x_size * y_size * z_size, channels))
        volume = volume.index_copy(0, voxels, values)
        volume = volume.view(batch, x_size, y_size, z_size, channels)
        # left channels-last, BatchNorm on the CPU would sum whole volumes in
        # plain float32 and lose a digit of its statistics
        return volume.permute(0, 4, 1, 2, 3).contiguous()


def unique_pixels(mapping2d: Tensor, num_voxels: int) -> Tuple[Tensor, Tensor]:
    """List the voxels that a pixel names, each with its last pixel.

    Args:
        mapping2d (Tensor): (B, H, W) int64 in -1..num_voxels-1.
        num_voxels (int): Voxels of one frame.

    Returns:
        tuple[Tensor, Tensor]: Both (N,) int64: flat voxel index over the
        batch, ascending, and flat pixel index over the batch.

    Raises:
        ValueError: If an index does not fit the grid.
    """
    batch = mapping2d.shape[0]
    flat = mapping2d.reshape(batch, -1)
    sample, pixel = (flat >= 0).nonzero(as_tuple=True)
    voxel = flat[sample, pixel]
    if voxel.numel() and int(voxel.max()) >= num_voxels:
        raise ValueError(f'mapping2d names voxel {int(voxel.max())}, but the '
                         f'grid has {num_voxels}; check grid_size')
    owner = flat.new_full((batch * num_voxels, ), -1)
    # the largest pixel index is the last in raster order
    owner.scatter_reduce_(0, sample * num_voxels + voxel,
                          sample * flat.shape[1] + pixel, 'amax')
    voxels = (owner >= 0).nonzero(as_tuple=True)[0]
    return voxels, owner[voxels]


def sample_pixels(feat_2d: Tensor, pixels: Tensor,
                  img_size: Tuple[int, int]) -> Tensor:
    """Read a feature map at image pixels, as bilinear upsampling would.

    Equal to ``F.interpolate(feat_2d, img_size, mode='bilinear',
    align_corners=False)`` at ``pixels``, without the upsampled map.

    Args:
        feat_2d (Tensor): (B, D, h, w).
        pixels (Tensor): (N,) int64, ``(b * H + row) * W + column``.
        img_size (tuple[int, int]): (H, W).

    Returns:
        Tensor: (N, D).
    """
    batch, channels, height, width = feat_2d.shape
    sample, row, column = _unravel(pixels, img_size)
    top, bottom, row_weight = _neighbours(row, height, img_size[0], feat_2d)
    left, right, col_weight = _neighbours(column, width, img_size[1], feat_2d)
    rows = feat_2d.permute(0, 2, 3, 1).reshape(-1, channels)

    def read(y: Tensor, x: Tensor) -> Tensor:
        return rows[(sample * height + y) * width + x]

    upper = _mix(read(top, left), read(top, right), col_weight)
    lower = _mix(read(bottom, left), read(bottom, right), col_weight)
    return _mix(upper, lower, row_weight)


def _mix(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    # two products, as torch's interpolation: an exact 0 stays an exact 0
    return first * (1 - weight) + second * weight


def _unravel(pixels: Tensor,
             img_size: Tuple[int, int]) -> Tuple[Tensor, Tensor, Tensor]:
    line = torch.div(pixels, img_size[1], rounding_mode='floor')
    sample = torch.div(line, img_size[0], rounding_mode='floor')
    return sample, line % img_size[0], pixels % img_size[1]


def _neighbours(index: Tensor, size: int, img_size: int,
                like: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """Return both neighbours on one axis and the second's weight (N, 1)."""
    position = (index.to(like.dtype) + 0.5) * (size / img_size) - 0.5
    position = position.clamp(min=0)
    low = position.floor().long()
    high = (low + 1).clamp(max=size - 1)
    return low, high, (position - low).unsqueeze(1)


def initialize_voxels(volume: Tensor) -> Tensor:
    """Fill every exact 0 with the 3x3x3 mean around it (3D initialisation).

    It works by element, not by voxel: a zero channel of an occupied voxel is
    filled too. The mean always divides by 27; the outside counts as 0.

    Args:
        volume (Tensor): (B, D, X, Y, Z).

    Returns:
        Tensor: The same shape.
    """
    mean = F.avg_pool3d(volume, 3, stride=1, padding=1)
    return volume + mean * (volume == 0)
