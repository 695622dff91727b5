"""What a second view adds to the scene of a first one, in synthetic rooms."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from ..apis.scene_belief import scene_belief
from ..apis.ssc_inferencer import SSCInferencer
from ..datasets import nyu
from ..evaluation.functional.ssc_eval import percent, sc_counts
from ..geometry.fusion import FusedScene, SceneBelief, fuse_scenes
from ..geometry.voxel_grid import GridView, downsample_labels
from ..synth.room_frame import RoomFrame, make_room_frame

# how far the second camera stands to the side of the first one, metres, and
# how far in front of both the point lies that they look at
ASIDE, AHEAD = 1.2, 3.4
# rooms of SynthRooms from which on none is trained on
_FIRST_TEST_ROOM = 5001


class FusionScore(NamedTuple):
    """Completion of the voxels of a first view, SC IoU in percent.

    Attributes:
        one (float): Of the scene of the first view.
        two (float): Of the scene of both.
    """

    one: float
    two: float


def fusion_gain(
    infer: SSCInferencer, num_rooms: int, seed: int = 0
) -> dict[str, FusionScore]:
    """Complete rooms from one view and from two.

    Args:
        infer (SSCInferencer): The network.
        num_rooms (int): Rooms that are not trained on.
        seed (int): Of the rooms. Defaults to 0.

    Returns:
        dict[str, FusionScore]: Of each room, by its number.
    """
    return {
        f'SYN{number}': _room_score(infer, seed, number)
        for number in range(_FIRST_TEST_ROOM, _FIRST_TEST_ROOM + num_rooms)
    }


def mean_score(scores: Sequence[FusionScore]) -> FusionScore:
    """Average over rooms."""
    return FusionScore(*np.mean(scores, 0).tolist())


def _room_score(infer: SSCInferencer, seed: int, number: int) -> FusionScore:
    first = make_room_frame(seed, number)
    aside = step_aside(first.view.cam2world, (-1) ** number * ASIDE)
    second = make_room_frame(seed, number, aside)
    beliefs = [_look(infer, frame) for frame in (first, second)]
    return FusionScore(
        *(
            completion_of_first_view(fuse_scenes(views), first)
            for views in (beliefs[:1], beliefs)
        )
    )


def step_aside(cam2world: np.ndarray, distance: float) -> np.ndarray:
    """Move a camera to its right and turn it to the same point ahead.

    Args:
        cam2world (np.ndarray): (4, 4), Z up.
        distance (float): Metres; to the left if negative.

    Returns:
        np.ndarray: (4, 4), of the same height and pitch.
    """
    angle = np.arctan2(distance, AHEAD)
    turn = np.array(
        [
            [np.cos(angle), -np.sin(angle), 0.0],
            [np.sin(angle), np.cos(angle), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    x, y = cam2world[:2, 2]
    right = np.array([y, -x, 0.0])  # of where it looks, level
    moved = np.array(cam2world)
    moved[:3, :3] = turn @ cam2world[:3, :3]
    moved[:3, 3] += distance * right / np.linalg.norm(right)
    return moved


def _look(infer: SSCInferencer, frame: RoomFrame) -> SceneBelief:
    """Complete what a camera sees of a room."""
    view = frame.view
    photo = None if infer.model.backbone is None else frame.rgb
    sample = infer(photo, frame.depth_mm, view.intrinsics.cam2img, pose=view.cam2world)
    return scene_belief(sample, view.cam2world)


def completion_of_first_view(scene: FusedScene, frame: RoomFrame) -> float:
    """Score a scene on all voxels in which the first view has a label.

    Args:
        scene (FusedScene): In the world of the frame.
        frame (RoomFrame): The first view.

    Returns:
        float: SC IoU in percent.
    """
    label = downsample_labels(
        frame.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
    )
    found = read_scene(scene, frame.view.coarse(nyu.BLOCK))
    hit, wrong, missed = sc_counts(
        *map(torch.from_numpy, (found, label, label != nyu.IGNORE_INDEX))
    )
    return percent(hit, hit + wrong + missed)


def read_scene(scene: FusedScene, view: GridView) -> np.ndarray:
    """Read a scene at the middles of a box's voxels.

    Args:
        scene (FusedScene): In the world of the box.
        view (GridView): The box.

    Returns:
        np.ndarray: Labels (X, Y, Z), 0 where the scene has none.
    """
    size = view.grid.voxel_size
    found = np.zeros(view.grid.shape, scene.label.dtype)
    axes: list[np.ndarray] = []
    # sideways, height and depth are world X, Z and Y
    for axis, world in enumerate((0, 2, 1)):
        middles = (
            view.voxel_origin[world] + (np.arange(view.grid.shape[axis]) + 0.5) * size
        )
        axes.append(
            np.floor((middles - scene.voxel_origin[world]) / size + 1e-6).astype(int)
        )
    inside = [
        (0 <= index) & (index < length)
        for index, length in zip(axes, scene.label.shape)
    ]
    found[np.ix_(*inside)] = scene.label[
        np.ix_(*(index[kept] for index, kept in zip(axes, inside)))
    ]
    return found
