import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.model import BaseModule
from torch import Tensor


@MODELS.register_module()
class VoxelProjectionNeck(BaseModule):
    """Put 2D features into the voxel grid (METHOD section 2.2).

    Every voxel that a pixel names takes the feature of that pixel, read from
    the feature map by bilinear interpolation (as if the map were upsampled to
    the image size first); all others are 0. Where several pixels name one
    voxel the last in raster order wins, on every device. Where no pixel sees
    two voxels, as in all data that is not rescaled, this is what reading by
    voxel gives (:obj:`StaticProjection`). Then the 3D initialisation spreads
    the features by one voxel.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z).
        align_corners (bool): Whether the outer pixels of map and image have
            the same centres, or the images the same edges, as in
            ``F.interpolate``. Defaults to False.
        initialize (bool): Whether there is a 3D initialisation. Defaults to
            True.
    """

    def __init__(
        self,
        grid_size: Sequence[int],
        align_corners: bool = False,
        initialize: bool = True,
    ) -> None:
        super().__init__()
        self.grid_size = tuple(grid_size)
        self.align_corners = align_corners
        self.initialize = initialize

    # sizes that depend on values
    @torch.compiler.disable
    def forward(self, feat_2d: Tensor, mapping2d: Tensor) -> Tensor:
        """Project, then initialise.

        Args:
            feat_2d (Tensor): (B, D, h, w).
            mapping2d (Tensor): (B, H, W) int64, the flat voxel index of each
                pixel, -1 for none.

        Returns:
            Tensor: V, (B, D, X, Y, Z).
        """
        if not self.initialize:
            return self.project(feat_2d, mapping2d)
        voxels, values = self._read(feat_2d, mapping2d)
        return self._scatter(
            *initialize_voxels(voxels, values, self.grid_size), batch=len(feat_2d)
        )

    def project(self, feat_2d: Tensor, mapping2d: Tensor) -> Tensor:
        """Project without the 3D initialisation; arguments as `forward`.

        Returns:
            Tensor: (B, D, X, Y, Z), 0 where no pixel names the voxel.
        """
        return self._scatter(*self._read(feat_2d, mapping2d), batch=len(feat_2d))

    def _read(self, feat_2d: Tensor, mapping2d: Tensor) -> tuple[Tensor, Tensor]:
        """Return the voxels that pixels name (N,), their features (N, D)."""
        voxels, pixels = unique_pixels(mapping2d, math.prod(self.grid_size))
        return voxels, sample_pixels(
            feat_2d, pixels, mapping2d.shape[-2:], self.align_corners
        )

    def _scatter(self, voxels: Tensor, values: Tensor, batch: int) -> Tensor:
        """Return the volume (B, D, X, Y, Z) with ``values`` in ``voxels``."""
        # channels last: one contiguous row a voxel
        volume = values.new_zeros((batch * math.prod(self.grid_size), values.shape[1]))
        volume[voxels] = values
        volume = volume.view(batch, *self.grid_size, -1).permute(0, 4, 1, 2, 3)
        # the layers after it want this layout on the CPU only
        return volume if volume.device.type == 'cpu' else volume.contiguous()


def unique_pixels(mapping2d: Tensor, num_voxels: int) -> tuple[Tensor, Tensor]:
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
        raise ValueError(
            f'mapping2d names voxel {int(voxel.max())}, but the '
            f'grid has {num_voxels}; check grid_size'
        )
    owner = flat.new_full((batch * num_voxels,), -1)
    # the largest pixel index is the last in raster order
    owner.scatter_reduce_(
        0, sample * num_voxels + voxel, sample * flat.shape[1] + pixel, 'amax'
    )
    voxels = (owner >= 0).nonzero(as_tuple=True)[0]
    return voxels, owner[voxels]


def sample_pixels(
    feat_2d: Tensor,
    pixels: Tensor,
    img_size: Sequence[int],
    align_corners: bool = False,
) -> Tensor:
    """Read a feature map at image pixels, as bilinear upsampling would.

    Equal to ``F.interpolate(feat_2d, img_size, mode='bilinear',
    align_corners=align_corners)`` at ``pixels``, without the upsampled map.

    Args:
        feat_2d (Tensor): (B, D, h, w).
        pixels (Tensor): (N,) int64, ``(b * H + row) * W + column``.
        img_size (Sequence[int]): (H, W).
        align_corners (bool): Defaults to False.

    Returns:
        Tensor: (N, D).
    """
    batch, channels, height, width = feat_2d.shape
    sample, row, column = _unravel(pixels, img_size)
    find = _aligned_neighbours if align_corners else _neighbours
    top, bottom, row_weight = find(row, height, img_size[0], feat_2d)
    left, right, col_weight = find(column, width, img_size[1], feat_2d)
    rows = feat_2d.permute(0, 2, 3, 1).reshape(-1, channels)

    def read(y: Tensor, x: Tensor) -> Tensor:
        return rows[(sample * height + y) * width + x]

    upper = _mix(read(top, left), read(top, right), col_weight)
    lower = _mix(read(bottom, left), read(bottom, right), col_weight)
    return _mix(upper, lower, row_weight)


def _mix(first: Tensor, second: Tensor, weight: Tensor) -> Tensor:
    # two products, as torch's interpolation: an exact 0 stays an exact 0
    return first * (1 - weight) + second * weight


def _unravel(pixels: Tensor, img_size: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
    line = torch.div(pixels, img_size[1], rounding_mode='floor')
    sample = torch.div(line, img_size[0], rounding_mode='floor')
    return sample, line % img_size[0], pixels % img_size[1]


def _neighbours(
    index: Tensor, size: int, img_size: int, like: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return both neighbours on one axis and the second's weight (N, 1)."""
    position = (_exact(index, like) + 0.5) * (size / img_size) - 0.5
    return _split(position.clamp(min=0), size, like)


def _aligned_neighbours(
    index: Tensor, size: int, img_size: int, like: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what :func:`_neighbours` does, with aligned corners."""
    # a photo of one row looks at the first, as torch does
    position = _exact(index, like) * ((size - 1) / max(img_size - 1, 1))
    return _split(position, size, like)


def _exact(index: Tensor, like: Tensor) -> Tensor:
    # half precision cannot tell pixels apart
    return index.to(torch.float64 if like.dtype == torch.float64 else torch.float32)


def _split(position: Tensor, size: int, like: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    low = position.floor().long()
    high = (low + 1).clamp(max=size - 1)
    return low, high, (position - low).unsqueeze(1).to(like.dtype)


def initialize_voxels(
    voxels: Tensor, values: Tensor, grid_size: Sequence[int]
) -> tuple[Tensor, Tensor]:
    """Fill every exact 0 with the 3x3x3 mean around it (3D initialisation).

    It works by element, not by voxel: a zero channel of an occupied voxel is
    filled too. The mean always divides by 27; the outside counts as 0. Only
    the given voxels and those next to one are computed: the rest stays 0.

    Args:
        voxels (Tensor): (N,) int64, flat index over the batch, ascending.
        values (Tensor): (N, D), their features.
        grid_size (Sequence[int]): (X, Y, Z).

    Returns:
        tuple[Tensor, Tensor]: The same of all M voxels that are not 0 after
        the initialisation, (M,) and (M, D).
    """
    if not len(voxels):
        return voxels, values
    row, targets, counts, neighbours = _gather_plan(voxels, grid_size)
    bags = counts.cumsum(0) - counts
    mean = F.embedding_bag(neighbours, values, bags, mode='sum') / 27
    own = (row >= 0).nonzero(as_tuple=True)[0]
    filled = values + mean[own] * (values == 0)
    return targets, mean.index_copy(0, own, filled)


def _gather_plan(
    voxels: Tensor, grid_size: Sequence[int]
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Say which rows of ``values`` each voxel adds up.

    Returns:
        tuple[Tensor, ...]: ``row`` (M,), the row of the voxel itself or -1;
        ``targets`` (M,), its flat index; ``counts`` (M,), how many
        neighbours have a row; and these rows, one voxel after another.
    """
    num_voxels = math.prod(grid_size)
    batch = int(voxels[-1]) // num_voxels + 1
    shape = (batch, *grid_size)
    row = voxels.new_full(shape, -1)
    row.view(-1)[voxels] = torch.arange(len(voxels), device=voxels.device)
    # with a border, a voxel's neighbours lie at fixed distances
    padded = F.pad(row, [1] * 6, value=-1)
    offsets = _offsets(padded.stride(), voxels.device)
    beside = torch.zeros_like(padded, dtype=torch.bool)
    index = torch.arange(padded.numel(), device=voxels.device)
    inside = index.view(padded.shape)[:, 1:-1, 1:-1, 1:-1].reshape(-1)
    beside.view(-1)[inside[voxels][:, None] + offsets] = True
    targets = beside[:, 1:-1, 1:-1, 1:-1].reshape(-1).nonzero().squeeze(1)
    around = padded.view(-1)[inside[targets][:, None] + offsets]
    has_row = around >= 0
    return row.view(-1)[targets], targets, has_row.sum(1), around[has_row]


def _offsets(strides: Sequence[int], device: torch.device) -> Tensor:
    """Return how far the 27 neighbours of a voxel are away (27,)."""
    steps = torch.arange(-1, 2, device=device)
    x, y, z = (steps * stride for stride in strides[-3:])
    return (x[:, None, None] + y[:, None] + z).flatten()
