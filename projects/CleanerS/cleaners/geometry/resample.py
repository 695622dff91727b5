"""Images of any camera at the size that the network reads."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from .camera import Intrinsics

FITS = ('pad', 'crop')
# what a photo is padded with: the mean colour of ImageNet, which is zero, or near
# to it, once it is normalised
_PHOTO_PAD = (124, 116, 104)


class Resampling(NamedTuple):
    """How an image is scaled and placed.

    Convention: pixel centres have integer coordinates. Pixel (v, u) of the
    result shows the source at ``(u + 0.5) / scale - 0.5 + offset``, v alike;
    beyond the source the result is padded.

    Attributes:
        scale (float): Result pixels to a source pixel, along both axes.
        offset (tuple[float, float]): Rows and columns of the source cut off
            at the top and at the left.
        img_size (tuple[int, int]): Height and width of the result.
    """

    scale: float
    offset: tuple[float, float]
    img_size: tuple[int, int]

    def intrinsics(self, source: Intrinsics) -> Intrinsics:
        """Intrinsics of the result.

        Args:
            source (Intrinsics): Of the source.

        Returns:
            Intrinsics: The same rays in other pixels.
        """
        top, left = self.offset
        return Intrinsics(
            source.fx * self.scale,
            source.fy * self.scale,
            (source.cx - left + 0.5) * self.scale - 0.5,
            (source.cy - top + 0.5) * self.scale - 0.5,
        )

    def depth(self, image: np.ndarray) -> np.ndarray:
        """Resample a depth image; every value is one of the source.

        Args:
            image (np.ndarray): (H, W), any type.

        Returns:
            np.ndarray: ``img_size``, same type; 0 where padded.
        """
        rows, columns = (
            np.floor((np.arange(size) + 0.5) / self.scale + start).astype(int)
            for size, start in zip(self.img_size, self.offset)
        )
        inside_v, inside_u = (
            (index >= 0) & (index < size)
            for index, size in zip((rows, columns), image.shape)
        )
        result = np.zeros(self.img_size, image.dtype)
        result[np.ix_(inside_v, inside_u)] = image[
            np.ix_(rows[inside_v], columns[inside_u])
        ]
        return result

    def photo(self, image: np.ndarray) -> np.ndarray:
        """Resample a photo, smoothed where it shrinks.

        Args:
            image (np.ndarray): (H, W, 3) uint8, RGB.

        Returns:
            np.ndarray: (*img_size, 3) uint8; the mean colour of ImageNet
            where padded.
        """
        if self.scale < 1:
            # so that every source pixel adds to the result
            sigma = 0.5 * (1 / self.scale - 1)
            image = cv2.GaussianBlur(image, (0, 0), sigma + 1e-6)
        shift = [(start - 0.5) * self.scale + 0.5 for start in self.offset]
        matrix = np.array([[self.scale, 0.0, -shift[1]], [0.0, self.scale, -shift[0]]])
        height, width = self.img_size
        resampled = cv2.warpAffine(
            image,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        rows, columns = self.covered(image.shape[:2])
        result = np.empty_like(resampled)
        result[:] = _PHOTO_PAD
        result[:rows, :columns] = resampled[:rows, :columns]
        return result

    def covered(self, size: Sequence[int]) -> tuple[int, int]:
        """Rows and columns of the result that show the source.

        Args:
            size (Sequence[int]): Height and width of the source.

        Returns:
            tuple[int, int]: From the top left; the rest is padding.
        """
        rows, columns = (
            min(round((source - start) * self.scale), target)
            for source, start, target in zip(size, self.offset, self.img_size)
        )
        return rows, columns


def fit_image(
    size: Sequence[int], img_size: Sequence[int], fit: str = 'pad'
) -> Resampling:
    """Choose how an image becomes one of the wanted size.

    The scale is the same along both axes: nothing is stretched. ``pad``
    keeps the whole field of view and pads at the bottom or at the right, as
    training does; ``crop`` fills the result and cuts off as much on both
    sides of the axis that is too long.

    Args:
        size (Sequence[int]): Height and width of the source.
        img_size (Sequence[int]): Height and width of the result.
        fit (str): 'pad' or 'crop'. Defaults to 'pad'.

    Returns:
        Resampling: Scale and place.

    Raises:
        ValueError: If ``fit`` is unknown.
    """
    if fit not in FITS:
        raise ValueError(f'fit should be one of {FITS}, but got {fit!r}')
    height, width = img_size
    ratios = [target / source for target, source in zip(img_size, size)]
    if fit == 'pad':
        return Resampling(min(ratios), (0.0, 0.0), (height, width))
    scale = max(ratios)
    top, left = (
        (source - target / scale) / 2 for source, target in zip(size, img_size)
    )
    return Resampling(scale, (top, left), (height, width))
