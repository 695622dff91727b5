"""Test frames as a network of the experiment completes them."""

import numpy as np
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import BaseDataset

from ..analysis.completed_frames import complete_frames
from ..apis.inference import init_ssc_model
from ..engine.data_folders import set_data_root, set_twin
from ..structures import SSCDataSample
from .gain_plan import Plan, TrainedModel


def predict_frames(
    plan: Plan, model: TrainedModel, count: int
) -> tuple[list[SSCDataSample], dict]:
    """Complete some test frames, the same ones for every network.

    Args:
        plan (Plan): The experiment.
        model (TrainedModel): That is trained.
        count (int): Of frames, evenly chosen; all if there are fewer.

    Returns:
        tuple[list[SSCDataSample], dict]: The frames, with their truth; and the
        ``metainfo`` of the data set.
    """
    cfg = Config.fromfile(model.config)
    set_data_root(cfg, plan.settings.data_root)
    if model.role == 'teacher':
        set_twin(cfg, plan.twin)
    network = init_ssc_model(cfg, str(plan.checkpoint(model)))
    dataset: BaseDataset = DATASETS.build(cfg.test_dataloader.dataset)
    chosen = np.unique(np.linspace(0, len(dataset) - 1, count).astype(int))
    return complete_frames(network, dataset, chosen.tolist()), dataset.metainfo
