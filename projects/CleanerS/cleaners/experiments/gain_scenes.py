"""The same frames as every network of the experiment completes them."""

import numpy as np
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import BaseDataset

from ..analysis.completed_frames import complete_frames
from ..apis.inference import init_ssc_model
from ..engine.data_folders import set_data_root, set_twin
from ..structures.voxel_data import scene_of
from ..visualization.scene_rows import draw_scene_rows
from .gain_plan import ROLES, Plan, TrainedModel

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
    metainfo = {}
    for model in plan.models:
        if model.seed == plan.settings.seeds[0] and model.role in ROLES:
            dataset, samples = _predict(plan, model)
            metainfo = dataset.metainfo
            columns.setdefault(
                'ground truth',
                [sample.gt_voxel_seg.label.numpy() for sample in samples],
            )
            columns[f'{model.league}: {model.role}'] = [
                scene_of(sample.pred_voxel_seg).numpy() for sample in samples
            ]
    return draw_scene_rows(columns, 'ground truth', metainfo)


def _predict(plan: Plan, model: TrainedModel) -> tuple:
    """Return the data set and the chosen frames, completed."""
    cfg = Config.fromfile(model.config)
    set_data_root(cfg, plan.settings.data_root)
    if model.role == 'teacher':
        set_twin(cfg, plan.twin)
    network = init_ssc_model(cfg, str(plan.checkpoint(model)))
    dataset: BaseDataset = DATASETS.build(cfg.test_dataloader.dataset)
    chosen = np.linspace(0, len(dataset) - 1, NUM_FRAMES).astype(int)
    return dataset, complete_frames(network, dataset, np.unique(chosen).tolist())
