"""A small scene with all that a page can show."""

import numpy as np

from cleaners.geometry.camera import Intrinsics
from cleaners.visualization.scene_view import SceneView

METAINFO = dict(
    classes=('empty', 'ceiling', 'floor', 'wall', 'chair'),
    palette=(
        (255, 255, 255),
        (200, 40, 40),
        (60, 160, 30),
        (150, 210, 230),
        (200, 200, 90),
    ),
)
SHAPE = (12, 8, 12)
ORIGIN = (-0.48, 0.6, -0.08)


def make_truth():
    """A room without its front wall, with a chair of 2 x 2 x 2 voxels."""
    label = np.zeros(SHAPE, dtype=np.uint8)
    label[0], label[-1], label[..., -1] = 3, 3, 3
    label[:, 0], label[:, -1] = 2, 1
    label[5:7, 1:3, 5:7] = 4
    label[:, :, 0] = 255
    return label


def make_view():
    """The room, predicted with errors of each kind, and a camera."""
    rng = np.random.default_rng(0)
    truth = make_truth()
    prediction = truth.copy()
    prediction[5, 2, 5] = 0  # missed
    prediction[3, 1, 3:5] = 4  # too much
    prediction[6, 2, 6] = 3  # wrong class
    occupied = (truth > 0) & (truth < 255)
    surface = occupied & (rng.random(SHAPE) < 0.5)
    rows, columns = np.indices((48, 64))
    photo = np.stack([rows * 5, columns * 3, rows + columns], axis=-1)
    cam2world = np.array(
        [
            [1, 0, 0, 0.1],
            [0, -0.196116, 0.980581, 0.0],
            [0, -0.980581, -0.196116, 0.5],
            [0, 0, 0, 1],
        ]
    )
    return SceneView(
        prediction,
        truth,
        surface,
        confidence=rng.random(SHAPE, dtype=np.float32),
        unseen=~surface,
        photo=photo.astype(np.uint8),
        depth=photo[..., ::-1].astype(np.uint8),
        cam2world=cam2world,
        intrinsics=Intrinsics(52.0, 52.0, 33.5, 22.0),
        voxel_size=0.08,
        voxel_origin=ORIGIN,
    )
