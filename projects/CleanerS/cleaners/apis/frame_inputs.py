"""Turn plain arrays into what the network reads."""
from pathlib import Path
from typing import Union

import mmcv
import numpy as np
import torch
from torch import Tensor

from ..geometry.mapping import mapping_to_image
from ..models.segmentors import SSCSegmentor
from ..utils.errors import InputError

Array = Union[np.ndarray, Tensor]
Image = Union[str, Path, Array]


def image_to_tensor(model: SSCSegmentor, img: Image) -> Tensor:
    """Return the normalised, padded photo.

    Args:
        model (SSCSegmentor): Mean, std and image size are its own.
        img (str | Path | np.ndarray | Tensor): A file; or (H, W, 3) uint8,
            **RGB**; or (3, H, W) float, RGB, already normalised.

    Returns:
        Tensor: (3, H, W) of the model's ``img_size``.

    Raises:
        InputError: If it is something else, or does not fit.
    """
    if isinstance(img, (str, Path)):
        bgr = mmcv.imread(str(img), channel_order='bgr')
    else:
        img = _numpy(img)
        if img.dtype != np.uint8:
            return _normalised_tensor(model, img)
        if img.ndim != 3 or img.shape[2] != 3:
            raise InputError('a uint8 img should be (H, W, 3), but got '
                             f'{img.shape}')
        bgr = img[..., ::-1]
    # as a frame from the data set: (3, H, W), BGR
    photo = torch.from_numpy(np.ascontiguousarray(bgr.transpose(2, 0, 1)))
    batch = dict(inputs=dict(img=[photo]), data_samples=None)
    return model.data_preprocessor(batch)['inputs']['imgs'][0]


def _normalised_tensor(model: SSCSegmentor, img: np.ndarray) -> Tensor:
    wanted = (3, *model.head_2d.img_size)
    if img.shape != wanted or not np.issubdtype(img.dtype, np.floating):
        raise InputError(f'a normalised img should be float {wanted}, but got '
                         f'{img.dtype} {img.shape}; a photo is uint8 '
                         '(H, W, 3)')
    return torch.from_numpy(img)


def volume_to_tensor(model: SSCSegmentor, volume: Array, name: str) -> Tensor:
    """Return values of every voxel as (X, Y, Z).

    Args:
        model (SSCSegmentor): The grid is its own.
        volume (np.ndarray | Tensor): Any shape of X*Y*Z values, C order.
        name (str): For the message.

    Raises:
        InputError: If the size differs.
    """
    grid, values = model.voxel_neck.grid_size, _numpy(volume)
    if values.size != np.prod(grid):
        raise InputError(f'{name} should hold {np.prod(grid)} voxels '
                         f'({grid}), but has shape {values.shape}')
    return torch.from_numpy(np.ascontiguousarray(values)).reshape(grid)


def mapping_to_tensor(model: SSCSegmentor, mapping: Array) -> Tensor:
    """Return ``mapping2d`` from itself or from its inverse.

    Args:
        model (SSCSegmentor): Grid and image size are its own.
        mapping (np.ndarray | Tensor): (H, W), the flat voxel index of each
            pixel, -1 for none; or (X*Y*Z,), the pixel ``row * W + column``
            of each voxel, H*W for none.

    Returns:
        Tensor: (H, W) int64.

    Raises:
        InputError: If it has another shape or names what is not there.
    """
    img_size, values = model.head_2d.img_size, _numpy(mapping)
    num_voxels = int(np.prod(model.voxel_neck.grid_size))
    num_pixels = img_size[0] * img_size[1]
    if values.shape == img_size:
        low, high = -1, num_voxels - 1
    elif values.shape == (num_voxels, ):
        low, high = 0, num_pixels
    else:
        raise InputError(f'mapping should be ({num_voxels},), a pixel for '
                         f'each voxel, or {img_size}, a voxel for each '
                         f'pixel, but got {values.shape}')
    if values.min() < low or values.max() > high:
        raise InputError(f'mapping of shape {values.shape} should lie in '
                         f'{low}..{high}, but ranges from {values.min()} to '
                         f'{values.max()}')
    if values.ndim == 1:
        values = mapping_to_image(values, img_size)
    return torch.from_numpy(np.ascontiguousarray(values)).long()


def _numpy(values: Array) -> np.ndarray:
    if isinstance(values, Tensor):
        return values.detach().cpu().numpy()
    return np.asarray(values)
