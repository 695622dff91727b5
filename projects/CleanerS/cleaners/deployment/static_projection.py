from collections.abc import Sequence

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from ..models.necks.voxel_projection_neck import sample_pixels


class StaticProjection(nn.Module):
    """:obj:`VoxelProjectionNeck` with sizes that no value decides.

    For exports: without ``nonzero`` and scattering, which exporters and
    inference engines get wrong or slow. It computes every voxel, and so
    takes longer in torch; the result is the same up to rounding.

    Args:
        img_size (Sequence[int]): (H, W) of the photo.
        grid_size (Sequence[int]): Voxels along (X, Y, Z).
        align_corners (bool): As the neck's. Defaults to False.
        initialize (bool): As the neck's. Defaults to True.
    """

    def __init__(
        self,
        img_size: Sequence[int],
        grid_size: Sequence[int],
        align_corners: bool = False,
        initialize: bool = True,
    ) -> None:
        super().__init__()
        self.img_size = tuple(img_size)
        self.grid_size = tuple(grid_size)
        self.align_corners = align_corners
        self.initialize = initialize

    def forward(self, feat_2d: Tensor, mapping: Tensor) -> Tensor:
        """Project, then initialise.

        Args:
            feat_2d (Tensor): (B, D, h, w).
            mapping (Tensor): (B, X*Y*Z) int64, the pixel ``row * W +
                column`` of each voxel, H*W for none. No pixel is named
                twice.

        Returns:
            Tensor: V, (B, D, X, Y, Z).
        """
        rows = read_owners(feat_2d, mapping, self.img_size, self.align_corners)
        volume = rows.unflatten(1, self.grid_size).permute(0, 4, 1, 2, 3).contiguous()
        return fill_zeros(volume) if self.initialize else volume


def read_owners(
    feat_2d: Tensor,
    mapping: Tensor,
    img_size: Sequence[int],
    align_corners: bool = False,
) -> Tensor:
    """Read a feature map at the pixel that owns each voxel.

    Args:
        feat_2d, mapping: As :meth:`StaticProjection.forward`.
        img_size (Sequence[int]): (H, W).
        align_corners (bool): As the neck's. Defaults to False.

    Returns:
        Tensor: (B, X*Y*Z, D), 0 for a voxel without pixel.
    """
    num_pixels = img_size[0] * img_size[1]
    frame = torch.arange(len(mapping), device=mapping.device)[:, None]
    pixels = frame * num_pixels + mapping.clamp(max=num_pixels - 1)
    rows = sample_pixels(feat_2d, pixels.flatten(), img_size, align_corners)
    # chosen, not multiplied: the last pixel may be anything
    owned = (mapping < num_pixels)[..., None]
    return torch.where(owned, rows.view(*mapping.shape, -1), 0.0)


def fill_zeros(volume: Tensor) -> Tensor:
    """Fill every exact 0 with the 3x3x3 mean around it (3D initialisation).

    Args:
        volume (Tensor): (B, D, X, Y, Z); the outside counts as 0, and the
            mean always divides by 27.

    Returns:
        Tensor: The same shape.
    """
    mean = F.avg_pool3d(volume, 3, stride=1, padding=1, count_include_pad=True)
    return torch.where(volume == 0, mean, volume)
