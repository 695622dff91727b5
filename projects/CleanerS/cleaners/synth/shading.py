"""Colour images of synthetic rooms."""

import cv2
import numpy as np

from ..geometry.cad import Hits
from ..geometry.voxel_grid import GridView
from .room_canvas import Room
from .sensor import smooth_noise, surface_normals

_AMBIENT = 0.45
_LAMP = 1.6
# metres of depth at which the light has halved
_FALLOFF = 5.0
_VOXEL_TEXTURE = 0.05
_PIXEL_NOISE = 3.0
_BACKGROUND = 40.0


def shade_room(
    rng: np.random.Generator, room: Room, hits: Hits, view: GridView
) -> np.ndarray:
    """Paint what a camera sees of a room.

    Colour of the piece, Lambert's law for a lamp near the ceiling, falloff
    with distance, a texture that sticks to the voxels, and pixel noise.

    Args:
        rng (np.random.Generator): Source of randomness.
        room (Room): Labels and colours.
        hits (Hits): What the pixels see.
        view (GridView): Camera and grid.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    size = hits.face.shape
    colour = room.colours[room.instances.ravel()[hits.voxel]].astype(float)
    lamp = rng.normal(0, 0.5, size=3) + [0.0, 0.0, 1.0]
    lamp[1] -= 0.8
    lamp = lamp @ view.cam2world[:3, :3]
    lambert = np.abs(surface_normals(hits.face, view) @ lamp)
    light = _AMBIENT + (1 - _AMBIENT) * lambert / np.linalg.norm(lamp)
    light *= _LAMP / (1 + (hits.depth_mm / 1000.0 / _FALLOFF) ** 2)
    # a hash of the voxel index looks the same from everywhere
    grain = (hits.voxel.astype(np.uint64) * 2654435761 % 1024) / 512.0 - 1
    light *= 1 + _VOXEL_TEXTURE * (grain + smooth_noise(rng, size, 50))
    rgb = colour * light[..., None]
    rgb[hits.voxel < 0] = _BACKGROUND
    rgb = cv2.GaussianBlur(rgb, (3, 3), 0)
    rgb += rng.normal(0, _PIXEL_NOISE, size=rgb.shape)
    return np.clip(rgb, 0, 255).astype(np.uint8)
