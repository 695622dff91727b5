"""Pictures of voxel labels, drawn by casting rays; no display needed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ..geometry.raycast import cast_rays
from .voxel_mesh import drawn_voxels

# rays per pixel and axis, averaged: smooth edges, half-pixel lines
SUPERSAMPLING = 2
# brightness by face, low and high side of each axis; the last one is that
# of a voxel seen from inside
FACE_LIGHT = np.array([0.80, 0.72, 0.60, 1.00, 0.88, 0.70, 0.50])
# how much of the light a corner loses that is walled in on all sides
OCCLUSION = 0.42
# how dark the lines are: between voxels, at creases, at outlines
LINE_DARKNESS = (0.16, 0.30, 0.72)

# degrees; a camera turned to the left stands to the right, and looks down
FIT_FOV = 40.0
FIT_YAW = 12.0
FIT_PITCH = 32.0
# of the picture, on each side
FIT_MARGIN = 0.03


class View(NamedTuple):
    """A pinhole camera that stands upright in the grid.

    Convention: grid units in the order of the array axes (sideways, height,
    depth); the image's right is towards +sideways for a camera that looks
    towards +depth, its top towards +height.

    Attributes:
        eye (Sequence[float]): (3,), position of the camera.
        forward (Sequence[float]): (3,), viewing direction, of any length;
            not vertical.
        fov (float): Vertical field of view in degrees.
    """

    eye: Sequence[float]
    forward: Sequence[float]
    fov: float = FIT_FOV


def fit_view(drawn: np.ndarray, size: Sequence[int]) -> View:
    """Find the nearest view that shows all given voxels.

    The camera looks into the room from behind and above the sensor, the
    way that the sensor looks, turned by ``FIT_YAW`` and ``FIT_PITCH``.

    Args:
        drawn (np.ndarray): (X, Y, Z) bool, the voxels to show; without any,
            the whole grid is shown.
        size (Sequence[int]): Height and width of the picture in pixels.

    Returns:
        View: The view, with a small margin on all sides.
    """
    yaw, pitch = np.radians((FIT_YAW, FIT_PITCH))
    forward = np.array(
        [-np.sin(yaw) * np.cos(pitch), -np.sin(pitch), np.cos(yaw) * np.cos(pitch)]
    )
    axes = _camera_axes(forward)
    points = _corners(drawn) @ axes.T  # (P, 3) right, down, forward
    half_height = np.tan(np.radians(FIT_FOV / 2)) * (1 - 2 * FIT_MARGIN)
    half_width = half_height * size[1] / size[0]

    # a camera at (x, z) sees a point if |px - x| <= half * (pz - z): two
    # bounds on x that meet at the largest z, exactly half way
    eye = np.empty(3)
    depths = []
    for axis, half in enumerate((half_width, half_height)):
        low = np.max(points[:, axis] - half * points[:, 2])
        high = np.min(points[:, axis] + half * points[:, 2])
        eye[axis] = (low + high) / 2
        depths.append((high - low) / (2 * half))
    eye[2] = min(depths)
    return View(tuple(eye @ axes), tuple(forward))


def render_together(
    volumes: Sequence[np.ndarray],
    palette: ArrayLike,
    size: Sequence[int],
    skip: Sequence[int],
) -> list[np.ndarray]:
    """Draw volumes from one point, so that they can be compared.

    Args:
        volumes (Sequence[np.ndarray]): (X, Y, Z) each, one or more; the view
            of :func:`fit_view` shows all of them whole.
        palette, size, skip: As :func:`render_voxels`.

    Returns:
        list[np.ndarray]: A picture of each, as of :func:`render_voxels`.

    Raises:
        ValueError: As :func:`render_voxels` does.
    """
    colours = np.asarray(palette)
    drawn = [drawn_voxels(label, colours, skip) for label in volumes]
    view = fit_view(np.logical_or.reduce(drawn), size)
    return [render_voxels(label, colours, size, view, skip) for label in volumes]


def render_voxels(
    label: np.ndarray,
    palette: ArrayLike,
    size: Sequence[int],
    view: View,
    skip: Sequence[int],
) -> np.ndarray:
    """Draw labelled voxels as shaded, outlined cubes on white.

    Convention: the axes of ``label`` are (sideways, height, depth), see
    METHOD 1.

    Args:
        label (np.ndarray): (X, Y, Z), integer, class of each voxel.
        palette (ArrayLike): (num_classes, 3), RGB, 0..255.
        size (Sequence[int]): Height and width of the picture in pixels.
        view (View): The camera.
        skip (Sequence[int]): Labels that are not shown.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.

    Raises:
        ValueError: If ``label`` is not a volume of integers or a label has
            no colour.
    """
    label = np.asarray(label)
    colours = np.asarray(palette)
    drawn = drawn_voxels(label, colours, skip)
    fine = (size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING)
    directions = _pixel_rays(view, fine)
    voxel, t_in, _, face = cast_rays(
        drawn, np.asarray(view.eye, np.float64), directions
    )

    hit = voxel >= 0
    cells = np.stack(np.unravel_index(voxel[hit], label.shape), axis=1)
    points = view.eye + t_in[hit, None] * directions[hit]
    light = FACE_LIGHT[face[hit]] * _open_sky(drawn, cells, points, face[hit])
    classes = label[tuple(cells.T)]
    picture = np.full((len(voxel), 3), 255, dtype=np.float32)
    picture[hit] = colours[classes] * light[:, None]

    lines = _line_darkness(
        [_on_image(part, hit, fine) for part in cells.T],
        _on_image(face[hit], hit, fine),
        _on_image(classes, hit, fine),
    )
    picture = picture.reshape(*fine, 3) * (1 - lines[..., None])
    return _average(picture)


def _camera_axes(forward: ArrayLike) -> np.ndarray:
    """Unit vectors (3, 3) of the camera: right, down, forward."""
    ahead = np.asarray(forward, dtype=np.float64)
    # height is the middle axis, which makes the grid axes left-handed: the
    # order of the factors is the reverse of the usual one
    right = np.cross((0.0, 1.0, 0.0), ahead)
    down = np.cross(right, ahead)
    axes = np.stack([right, down, ahead])
    return axes / np.linalg.norm(axes, axis=1, keepdims=True)


def _corners(drawn: np.ndarray) -> np.ndarray:
    """Corners (P, 3) of the drawn voxels, or of the grid without any."""
    unit = np.indices((2, 2, 2)).reshape(3, -1).T
    if not drawn.any():
        return unit * np.array(drawn.shape, dtype=np.float64)
    corners = np.argwhere(drawn)[:, None] + unit
    return corners.reshape(-1, 3).astype(np.float64)


def _pixel_rays(view: View, size: tuple[int, int]) -> np.ndarray:
    """Directions (H*W, 3) through the pixel centres, forward part 1."""
    height, width = size
    focal = height / 2 / np.tan(np.radians(view.fov / 2))
    down, right = np.meshgrid(
        (np.arange(height) + 0.5 - height / 2) / focal,
        (np.arange(width) + 0.5 - width / 2) / focal,
        indexing='ij',
    )
    rays = np.stack([right, down, np.ones_like(right)], axis=-1)
    return rays.reshape(-1, 3) @ _camera_axes(view.forward)


def _on_image(values: np.ndarray, hit: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Spread values of hits (N,) over the image (H, W), -9 elsewhere."""
    image = np.full(hit.shape, -9, dtype=np.int16)
    image[hit] = values
    return image.reshape(size)


def _open_sky(
    drawn: np.ndarray, cells: np.ndarray, points: np.ndarray, face: np.ndarray
) -> np.ndarray:
    """Share of light that reaches points on voxel faces.

    Corners of a face are darker the more voxels stand around them on the
    outer side (ambient occlusion), and the light between the corners is
    interpolated: this is what shows where objects touch the floor.

    Args:
        drawn (np.ndarray): (X, Y, Z) bool.
        cells (np.ndarray): (N, 3), voxel of each point.
        points (np.ndarray): (N, 3), the points.
        face (np.ndarray): (N,), face of the voxel, as from ``cast_rays``.

    Returns:
        np.ndarray: (N,), 1 in the open, at least ``1 - OCCLUSION``.
    """
    light = np.ones(len(cells))
    padded = np.pad(drawn, 1).astype(np.int8)
    for axis in range(3):
        u, v = (other for other in range(3) if other != axis)
        walls = _pair_sum(_pair_sum(padded, u), v)
        of_axis = np.flatnonzero(face // 2 == axis)
        node = cells[of_axis].copy()
        inside = points[of_axis] - node  # (N, 3), in 0..1
        # the layer of voxels in front of the face, in the padded grid
        node[:, axis] += 2 * (face[of_axis] % 2)
        for step_u, part_u in enumerate((1 - inside[:, u], inside[:, u])):
            for step_v, part_v in enumerate((1 - inside[:, v], inside[:, v])):
                corner = node.copy()
                corner[:, u] += step_u
                corner[:, v] += step_v
                # of four voxels around a corner three can stand in the way
                share = walls[tuple(corner.T)] / 3
                light[of_axis] -= OCCLUSION * part_u * part_v * share
    return light


def _pair_sum(values: np.ndarray, axis: int) -> np.ndarray:
    """Sums of neighbours along an axis, which gets one shorter."""
    values = np.moveaxis(values, axis, 0)
    return np.moveaxis(values[:-1] + values[1:], 0, axis)


def _line_darkness(
    cells: Sequence[np.ndarray], face: np.ndarray, label: np.ndarray
) -> np.ndarray:
    """Lines where neighbouring pixels see different things.

    Args:
        cells (Sequence[np.ndarray]): Three times (H, W), voxel of each
            pixel.
        face (np.ndarray): (H, W), its face.
        label (np.ndarray): (H, W), its class.

    Returns:
        np.ndarray: (H, W), 0 without a line, at most 1.
    """
    between, crease, outline = LINE_DARKNESS
    darkness = np.zeros(label.shape, dtype=np.float32)
    for axis in (0, 1):
        one = (slice(None),) * axis + (slice(None, -1),)
        two = (slice(None),) * axis + (slice(1, None),)
        step = np.zeros(label[one].shape, dtype=np.int16)
        for part in cells:
            np.maximum(step, np.abs(part[one] - part[two]), out=step)
        line = np.where(step > 0, np.float32(between), np.float32(0))
        line[face[one] != face[two]] = crease
        line[(label[one] != label[two]) | (step > 1)] = outline
        darkness[one] = np.maximum(darkness[one], line)
        # an outline is drawn on both of its sides, twice as wide
        strong = np.where(line == np.float32(outline), line, 0)
        darkness[two] = np.maximum(darkness[two], strong)
    return darkness


def _average(picture: np.ndarray) -> np.ndarray:
    """Average blocks of fine pixels: (H*s, W*s, 3) -> (H, W, 3) uint8."""
    step = SUPERSAMPLING
    total = sum(
        picture[row::step, column::step]
        for row in range(step)
        for column in range(step)
    )
    return np.rint(total / step**2).astype(np.uint8)
