"""Turn plain arrays into what the network reads, or say what is wrong."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import numpy as np
import torch
from torch import Tensor

from ..fileio.image_file import read_photo
from ..geometry.mapping import mapping_to_image
from ..models.segmentors import SSCSegmentor
from ..utils.errors import InputError, values_are_input

Array = Union[np.ndarray, Tensor, Sequence]
Image = Union[str, Path, Array]

# a mean of ones may be a little more in float32
_TSDF_TOLERANCE = 1e-6
# a normalised photo stays below 3; one of 0..255 does not
_MAX_NORMALISED = 10


def image_to_tensor(model: SSCSegmentor, img: Image) -> Tensor:
    """Return the normalised photo.

    Args:
        model (SSCSegmentor): Mean, std and image size are its own.
        img (str | Path | np.ndarray | Tensor): A file, turned as its EXIF
            orientation says; or (H, W, 3) uint8, **RGB**; or (3, H, W)
            float, RGB, already normalised.

    Returns:
        Tensor: (3, H, W) of the model's ``img_size``.

    Raises:
        InputError: If it is something else, or of another size.
    """
    if isinstance(img, (str, Path)):
        name, bgr = f"photo '{img}'", _read_photo(img)
    else:
        name, img = 'img', to_numpy(img, 'img')
        if img.dtype != np.uint8:
            return _normalised_tensor(model, img)
        if img.ndim != 3 or img.shape[2] != 3:
            raise InputError(f'a uint8 img should be (H, W, 3), but got {img.shape}')
        bgr = img[..., ::-1]
    if bgr.shape[:2] != model.img_size:
        raise InputError(
            f'{name} should be {model.img_size} pixels (H, W), '
            f'as the network is made for, but is {bgr.shape[:2]}'
        )
    # as a frame from the data set: (3, H, W), BGR
    photo = torch.from_numpy(np.ascontiguousarray(bgr.transpose(2, 0, 1)))
    batch = dict(inputs=dict(img=[photo]), data_samples=None)
    return model.data_preprocessor(batch)['inputs']['imgs'][0]


def _read_photo(path: Union[str, Path]) -> np.ndarray:
    """Return a file as (H, W, 3) uint8, BGR."""
    with values_are_input(OSError):
        return read_photo(path)[..., ::-1]


def _normalised_tensor(model: SSCSegmentor, img: np.ndarray) -> Tensor:
    wanted = (3, *model.img_size)
    if img.shape != wanted or img.dtype.kind != 'f':
        raise InputError(
            f'a normalised img should be float {wanted}, but got '
            f'{img.dtype} {img.shape}; a photo is uint8 '
            '(H, W, 3)'
        )
    _check_range(img, 'a normalised img', -_MAX_NORMALISED, _MAX_NORMALISED)
    return torch.from_numpy(img.astype(np.float64))


def tsdf_to_tensor(model: SSCSegmentor, tsdf: Array, name: str = 'tsdf') -> Tensor:
    """Return a TSDF as (X, Y, Z).

    Args:
        model (SSCSegmentor): The grid is its own.
        tsdf (np.ndarray | Tensor): Float in [-1, 1]; shape as
            :func:`label_to_tensor`.
        name (str): For the message. Defaults to 'tsdf'.

    Raises:
        InputError: If it is not.
    """
    volume = _to_volume(model, tsdf, name)
    if volume.dtype.kind != 'f':
        raise InputError(f'{name} should be float, but got {volume.dtype}')
    _check_range(volume, name, -1, 1, _TSDF_TOLERANCE)
    return torch.from_numpy(volume.astype(np.float64))


def label_to_tensor(model: SSCSegmentor, label: Array) -> Tensor:
    """Return the classes as (X, Y, Z) int64.

    Args:
        model (SSCSegmentor): Grid and classes are its own.
        label (np.ndarray | Tensor): 0..num_classes-1 or ``ignore_index``;
            (X, Y, Z) or flat in C order, axes of length 1 do not matter.

    Raises:
        InputError: If it is not.
    """
    volume = to_integers(_to_volume(model, label, 'label'), 'label')
    known = (volume >= 0) & (volume < model.num_classes)
    unknown = volume[~known & (volume != model.ignore_index)]
    if unknown.size:
        raise InputError(
            f'label should be 0..{model.num_classes - 1} or '
            f'{model.ignore_index}, but has {unknown[0]}'
        )
    return torch.from_numpy(volume)


def label_weight_to_tensor(model: SSCSegmentor, weight: Array) -> Tensor:
    """Return which voxels count as (X, Y, Z) bool.

    Args:
        model (SSCSegmentor): The grid is its own.
        weight (np.ndarray | Tensor): Bool, or 0 and 1; shape as
            :func:`label_to_tensor`.

    Raises:
        InputError: If it is not.
    """
    volume = _to_volume(model, weight, 'label_weight')
    if not np.isin(volume, (0, 1)).all():
        raise InputError(
            'label_weight should be bool, or 0 and 1, but ranges '
            f'from {volume.min()} to {volume.max()}'
        )
    return torch.from_numpy(volume.astype(bool))


def mapping_to_tensor(model: SSCSegmentor, mapping: Array) -> Tensor:
    """Return ``mapping2d`` from itself or from its inverse.

    Args:
        model (SSCSegmentor): Grid and image size are its own.
        mapping (np.ndarray | Tensor): (H, W), the flat voxel index of each
            pixel, -1 for none; or (X*Y*Z,), the pixel ``row * W + column``
            of each voxel, H*W for none. Integers, whatever the dtype.

    Returns:
        Tensor: (H, W) int64.

    Raises:
        InputError: If it has another shape or names what is not there.
    """
    values = to_integers(to_numpy(mapping, 'mapping'), 'mapping')
    num_voxels = int(np.prod(model.grid_size))
    num_pixels = int(np.prod(model.img_size))
    if values.shape == model.img_size:
        low, high = -1, num_voxels - 1
    elif values.shape == (num_voxels,):
        low, high = 0, num_pixels
    else:
        raise InputError(
            f'mapping should be ({num_voxels},), a pixel for '
            f'each voxel, or {model.img_size}, a voxel for each '
            f'pixel, but got {values.shape}'
        )
    _check_range(values, f'mapping of shape {values.shape}', low, high)
    if values.ndim == 1:
        values = mapping_to_image(values, model.img_size)
    return torch.from_numpy(np.ascontiguousarray(values))


def seg2d_to_tensor(model: SSCSegmentor, seg2d: Array) -> Tensor:
    """Return a 2D segmentation as (H, W) int64.

    Args:
        model (SSCSegmentor): Image size and labels are its own.
        seg2d (np.ndarray | Tensor): (H, W), whole numbers.

    Raises:
        InputError: If it has another shape or other labels.
    """
    labels = to_integers(to_numpy(seg2d, 'seg2d'), 'seg2d')
    if labels.shape != model.img_size:
        raise InputError(
            f'seg2d should be {model.img_size} pixels (H, W), but got {labels.shape}'
        )
    backbone: Any = model.backbone  # one that reads labels, and knows how many
    _check_range(labels, 'seg2d', 0, backbone.num_labels - 1)
    return torch.from_numpy(labels)


def to_numpy(values: Array, name: str) -> np.ndarray:
    """Return numbers as an array.

    Args:
        values (np.ndarray | Tensor | Sequence): Of any shape.
        name (str): For the message.

    Raises:
        InputError: If they are no numbers, or rows differ in length.
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu()
        if values.dtype == torch.bfloat16:  # numpy has none
            values = values.float()
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise InputError(f'{name} is no array: {error}') from error
    if array.dtype.kind not in 'biuf':
        raise InputError(
            f'{name} should be an array of numbers, but got '
            f'{type(values).__name__} of {array.dtype}'
        )
    return array


def to_integers(values: np.ndarray, name: str) -> np.ndarray:
    """Return whole numbers of any dtype as int64.

    Raises:
        InputError: If one is not whole, or they are bool.
    """
    if values.dtype.kind == 'b':
        raise InputError(f'{name} should hold whole numbers, but is bool')
    if values.dtype.kind == 'f':
        whole = np.isfinite(values) & (values == np.floor(values))
        if not whole.all():
            raise InputError(
                f'{name} should hold whole numbers, but has {values[~whole][0]}'
            )
    return values.astype(np.int64)


def _to_volume(model: SSCSegmentor, values: Array, name: str) -> np.ndarray:
    """Return values of every voxel as (X, Y, Z)."""
    grid, array = model.grid_size, to_numpy(values, name)
    num_voxels = int(np.prod(grid))
    if array.squeeze().shape not in (grid, (num_voxels,)):
        raise InputError(
            f'{name} should hold {num_voxels} voxels, flat or '
            f'{grid}, but has shape {array.shape}'
        )
    return np.ascontiguousarray(array.reshape(grid))


def _check_range(
    values: np.ndarray, name: str, low: int, high: int, tolerance: float = 0
) -> None:
    """Refuse NaN, and values that are too small or too large."""
    smallest, largest = values.min(), values.max()
    # NaN fails this comparison too
    if not (smallest >= low - tolerance and largest <= high + tolerance):
        raise InputError(
            f'{name} should lie in {low}..{high}, but ranges '
            f'from {smallest} to {largest}'
        )
