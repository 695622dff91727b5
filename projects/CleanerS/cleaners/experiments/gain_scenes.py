"""The same frames as every network of the experiment completes them."""

import numpy as np

from ..structures.voxel_data import scene_of
from ..visualization.scene_rows import draw_scene_rows
from .gain_plan import Plan
from .gain_predictions import predict_frames

NUM_FRAMES = 5


def draw_scenes(plan: Plan) -> np.ndarray:
    """Draw some test frames, evenly chosen, one a row.

    Ground truth and the scene of each network of the first seed, whole: the
    ground truth masks nothing in them.

    Args:
        plan (Plan): With all its networks trained.

    Returns:
        np.ndarray: (H, W, 3) uint8, RGB.
    """
    columns: dict[str, list[np.ndarray]] = {}
    metainfo: dict = {}
    for model in plan.first_seed:
        samples, metainfo = predict_frames(plan, model, NUM_FRAMES)
        columns.setdefault(
            'ground truth', [sample.gt_voxel_seg.label.numpy() for sample in samples]
        )
        columns[model.title] = [
            scene_of(sample.pred_voxel_seg).numpy() for sample in samples
        ]
    return draw_scene_rows(columns, metainfo)
