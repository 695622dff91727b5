"""One synthetic RGB-D frame with its ground truth."""

from dataclasses import replace
from typing import NamedTuple, Optional

import numpy as np

from ..datasets import nyu
from ..geometry.cad import trace_voxels
from ..geometry.voxel_grid import GridView
from .pose import sample_view
from .room_generator import generate_room
from .sensor import sense_depth
from .shading import shade_room


class RoomFrame(NamedTuple):
    """A frame of SynthRooms.

    Attributes:
        view (GridView): Camera and grid.
        rgb (np.ndarray): (480, 640, 3) uint8, RGB.
        depth_mm (np.ndarray): (480, 640) uint16, the sensor's depth,
            millimetres; 0 means "not measured".
        cad_depth_mm (np.ndarray): (480, 640) uint16, the true depth; 8000
            where nothing is hit.
        labels (np.ndarray): (240, 144, 240) uint8, 0..11 or 255.
    """

    view: GridView
    rgb: np.ndarray
    depth_mm: np.ndarray
    cad_depth_mm: np.ndarray
    labels: np.ndarray


def make_room_view(seed: int, index: int) -> GridView:
    """Camera of a frame, without making the frame.

    Args:
        seed (int): Of the data set.
        index (int): Of the frame.

    Returns:
        GridView: The same as that of :func:`make_room_frame`.
    """
    return sample_view(_rng(seed, index, 'view'))


def make_room_frame(
    seed: int, index: int, cam2world: Optional[np.ndarray] = None
) -> RoomFrame:
    """Make a frame; seed and index determine every bit of it.

    Args:
        seed (int): Of the data set.
        index (int): Of the frame.
        cam2world (np.ndarray, optional): (4, 4), a second camera that looks
            at the room and the box of the frame. Defaults to None: the
            frame's own.

    Returns:
        RoomFrame: Images and ground truth.
    """
    view = make_room_view(seed, index)
    room = generate_room(_rng(seed, index, 'room'), view)
    if cam2world is not None:
        view = replace(view, cam2world=cam2world)
    hits = trace_voxels(nyu.is_occupied(room.labels), view, nyu.IMG_SIZE)
    depth_mm = sense_depth(_rng(seed, index, 'sensor'), hits, room.labels, view)
    rgb = shade_room(_rng(seed, index, 'shading'), room, hits, view)
    return RoomFrame(view, rgb, depth_mm, hits.depth_mm, room.labels)


def _rng(seed: int, index: int, step: str) -> np.random.Generator:
    """A generator for one step, so that steps can change alone."""
    return np.random.default_rng([seed, index, *step.encode()])
