"""The networks that come with the package, on frames of the release."""

import json

import numpy as np
import pytest
import torch
from mmdet3d.registry import DATASETS, METRICS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from cleaners.analysis.completed_frames import complete_frames
from cleaners.apis import init_ssc_model
from cleaners.engine.data_folders import set_data_root
from cleaners.utils.shipped_weights import shipped_names

# on the four frames below, of the sensor's TSDF, also for a teacher
GOLDEN = 'tests/data/golden/shipped_scores.json'
FRAMES = (0, 200, 400, 600)
# those that a newcomer sees are left to the short run
CASES = [
    pytest.param(
        name,
        marks=pytest.mark.long if name.endswith(('_baseline', '_teacher')) else (),
    )
    for name in shipped_names()
]


@pytest.fixture(scope='module')
def wanted(repo_root):
    return json.loads((repo_root / GOLDEN).read_text())


def score(name, repo_root, data_root):
    """SC IoU and SSC mIoU of the chosen test frames, in percent."""
    init_default_scope('mmdet3d')
    cfg = Config.fromfile(repo_root / 'configs' / f'{name.removesuffix("_teacher")}.py')
    set_data_root(cfg, str(data_root))
    dataset = DATASETS.build(dict(cfg.test_dataloader.dataset, indices=list(FRAMES)))
    metric = METRICS.build(dict(type='SSCMetric'))
    metric.dataset_meta = dataset.metainfo
    samples = complete_frames(init_ssc_model(name), dataset, range(len(FRAMES)))
    metric.process({}, [sample.to_dict() for sample in samples])
    scores = metric.compute_metrics(metric.results)
    return [scores['sc/iou'], scores['ssc/mIoU']]


@pytest.mark.parametrize('name', CASES)
def test_it_scores_what_it_scored(name, wanted, repo_root, nyu_3dsketch_dir):
    found = score(name, repo_root, nyu_3dsketch_dir)
    np.testing.assert_allclose(found, wanted[name], rtol=0, atol=0.02)


def test_every_network_has_scores(wanted):
    assert sorted(wanted) == shipped_names()


@pytest.mark.parametrize('name', shipped_names())
def test_it_is_loaded_strictly_and_in_float32(name):
    network = init_ssc_model(name)
    assert network.dataset_meta['profile'] == '3dsketch'
    assert {value.dtype for value in network.parameters()} == {torch.float32}
    assert all(value.isfinite().all() for value in network.parameters())


def test_a_work_dir_of_its_name_does_not_hide_a_network(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'cleaners_depth-d32').mkdir()
    assert init_ssc_model('cleaners_depth-d32').dataset_meta['profile'] == '3dsketch'
