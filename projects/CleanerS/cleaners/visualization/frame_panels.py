"""Pictures of a prepared frame: what the network reads, and its truth."""

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib import colormaps

from .panel_figure import MARGIN, LegendEntry, Panel, compose_panels

_UNKNOWN_GREY = 60
_BACKGROUND_GREY = 245
# metres that get the far end of the colours
_FAR = 6.0
_DOT = 2


def colour_depth(depth: np.ndarray) -> np.ndarray:
    """Colour a depth image from near (bright) to far (dark).

    Args:
        depth (np.ndarray): (H, W), metres; 0 means "not measured", grey.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    picture = _apply('viridis_r', np.clip(depth / _FAR, 0, 1))
    picture[depth == 0] = _UNKNOWN_GREY
    return picture


def colour_share(share: np.ndarray) -> np.ndarray:
    """Colour numbers in 0..1 from dark to bright.

    Args:
        share (np.ndarray): Any shape, 0..1.

    Returns:
        np.ndarray: (..., 3) uint8, RGB.
    """
    return _apply('viridis', share)


def colour_tsdf(tsdf: np.ndarray) -> np.ndarray:
    """Colour a TSDF: red in front of the surface, blue behind it.

    Args:
        tsdf (np.ndarray): Any shape, -1..1.

    Returns:
        np.ndarray: (..., 3) uint8, RGB; white on the surface.
    """
    return _apply('RdBu', (1 - tsdf) / 2)


def colour_labels(label: np.ndarray, palette: Sequence[Sequence[int]]) -> np.ndarray:
    """Colour labels by class.

    Args:
        label (np.ndarray): Any shape, integer; 255 is grey.
        palette (Sequence[Sequence[int]]): (C, 3) RGB; the first colour,
            that of empty space, becomes a light grey.

    Returns:
        np.ndarray: (..., 3) uint8, RGB.
    """
    table = np.full((256, 3), _UNKNOWN_GREY, dtype=np.uint8)
    table[: len(palette)] = palette
    table[0] = _BACKGROUND_GREY
    return table[label]


def side_slice(volume: np.ndarray, index: int) -> np.ndarray:
    """Cut a volume along the viewing direction, seen from the left.

    Args:
        volume (np.ndarray): (X, Y, Z, ...), axes sideways, height, depth.
        index (int): Along the first axis.

    Returns:
        np.ndarray: (Y, Z, ...): height upwards, depth to the right.
    """
    return volume[index][::-1]


def top_slice(volume: np.ndarray, index: int) -> np.ndarray:
    """Cut a volume parallel to the floor, seen from above.

    Args:
        volume (np.ndarray): (X, Y, Z, ...), axes sideways, height, depth.
        index (int): Along the second axis.

    Returns:
        np.ndarray: (Z, X, ...): depth upwards, sideways to the right.
    """
    return np.swapaxes(volume[:, index], 0, 1)[::-1]


def overlay_mapping(
    photo: np.ndarray, voxels: np.ndarray, colours: np.ndarray
) -> np.ndarray:
    """Mark the pixels that are mapped to a voxel.

    Args:
        photo (np.ndarray): (H, W, 3) uint8, RGB.
        voxels (np.ndarray): (H, W), voxel of each pixel; -1 for none.
        colours (np.ndarray): (V, 3) uint8, RGB, of each voxel's dot.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    drawn = photo // 2
    for row, column in np.argwhere(voxels >= 0).tolist():
        colour = colours[voxels[row, column]].tolist()
        cv2.circle(drawn, (column, row), _DOT, colour, -1)
    return drawn


def cut_volumes(
    volumes: list[Panel], seen: np.ndarray, size: Sequence[int]
) -> list[list[Panel]]:
    """Cut volumes from the left and from above, where most is seen.

    Args:
        volumes (list[tuple[str, np.ndarray]]): Titles and (X, Y, Z, 3)
            uint8, RGB.
        seen (np.ndarray): (X * Y * Z,) bool, blocks with a surface.
        size (Sequence[int]): Height and width of a panel.

    Returns:
        list[list[Panel]]: Rows of as many panels as there are volumes, or
        one row with both cuts of a single volume.
    """
    shape = volumes[0][1].shape[:3]
    where = np.argwhere(seen.reshape(shape))
    middle = np.median(where, axis=0) if len(where) else np.divide(shape, 2)
    sideways, height = middle[:2].astype(int)
    side = [
        (f'{title}, from the left', enlarge(side_slice(volume, sideways), size))
        for title, volume in volumes
    ]
    top = [
        (f'{title}, from above', enlarge(top_slice(volume, height), size))
        for title, volume in volumes
    ]
    return [side, top] if len(volumes) > 1 else [side + top]


def enlarge(picture: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Put a small picture, with square pixels, in the middle of a panel.

    One that is larger than the panel loses pixels.

    Args:
        picture (np.ndarray): (h, w, 3) uint8.
        size (Sequence[int]): Height and width of the panel.

    Returns:
        np.ndarray: (*size, 3) uint8.
    """
    fits = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    if fits < 1:  # a grid with more voxels than the panel has pixels
        picture = cv2.resize(
            picture, None, fx=fits, fy=fits, interpolation=cv2.INTER_NEAREST
        )
    factor = max(int(fits), 1)
    large = picture.repeat(factor, 0).repeat(factor, 1)
    panel = np.full((*size, 3), 255, dtype=np.uint8)
    top, left = ((size[i] - large.shape[i]) // 2 for i in (0, 1))
    panel[top : top + large.shape[0], left : left + large.shape[1]] = large
    return panel


def compose_rows(rows: list[list[Panel]], legend: list[LegendEntry]) -> np.ndarray:
    """Put rows of panels below each other.

    Args:
        rows (list[list[Panel]]): Rows of panels, all of one size.
        legend (list[tuple[str, Sequence[int]]]): Names and RGB colours,
            shown below the last row.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    pictures = [compose_panels(panels, []) for panels in rows[:-1]]
    # the margin below a row, all but the frame's line, is the title of the next
    pictures = [picture[: 1 - MARGIN] for picture in pictures]
    pictures.append(compose_panels(rows[-1], legend))
    width = max(picture.shape[1] for picture in pictures)
    padded = [
        np.pad(
            picture,
            ((0, 0), (0, width - picture.shape[1]), (0, 0)),
            constant_values=255,
        )
        for picture in pictures
    ]
    return np.concatenate(padded)


def _apply(name: str, values: np.ndarray) -> np.ndarray:
    """Colours (..., 3) uint8 of values in 0..1."""
    return np.rint(colormaps[name](values)[..., :3] * 255).astype(np.uint8)
