"""Pictures of completed frames, with the truth where it is known."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmdet3d.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.analysis.completed_frames import (
    complete_frames,
    draw_completed_frames,
    scene_columns,
)
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.errors import InputError


@pytest.fixture
def network(tmp_path):
    """Config and weights, with the test frames of a tiny data set."""
    init_default_scope('mmdet3d')
    root = tmp_path / 'Tiny'
    write_tiny_dataset(root)
    cfg = Config(tiny_runner_cfg(root, tmp_path / 'run', tiny_ssc_net()))
    cfg.test_dataloader.dataset.test_mode = True
    cfg.dump(tmp_path / 'tiny.py')
    torch.save(MODELS.build(cfg.model).state_dict(), tmp_path / 'weights.pth')
    return str(tmp_path / 'tiny.py'), str(tmp_path / 'weights.pth')


def draw(network, path, names):
    draw_completed_frames(*network, names, path, None)
    return cv2.imread(str(path))


def test_data_that_the_network_is_not_made_for_are_refused(network, tmp_path):
    """Its other classes were drawn in wrong colours, or not at all."""
    config, weights = network
    cfg = Config.fromfile(config)
    cfg.model.num_classes = 5
    other = MODELS.build(cfg.model)
    cfg.dump(tmp_path / 'five.py')
    torch.save(other.state_dict(), tmp_path / 'five.pth')
    five = str(tmp_path / 'five.py'), str(tmp_path / 'five.pth')
    with pytest.raises(InputError, match='num_classes 5, but the data set .* has 12'):
        draw(five, tmp_path / 'five.png', ['TNY0001'])
    meta = dict(dataset_meta=dict(profile='adassc'))
    content = dict(state_dict=torch.load(weights), meta=meta)
    torch.save(content, tmp_path / 'adassc.pth')
    cfg = Config.fromfile(config)
    cfg.test_dataloader.dataset.metainfo = dict(profile='3dsketch')
    cfg.dump(tmp_path / '3dsketch.py')
    with pytest.raises(InputError, match="of profile 'adassc', but the data set"):
        draw(
            (str(tmp_path / '3dsketch.py'), str(tmp_path / 'adassc.pth')),
            tmp_path / 'other.png',
            ['TNY0001'],
        )


def test_the_truth_has_a_column_where_it_is_known(network, tmp_path):
    path = tmp_path / 'Tiny/tiny_infos_test.json'
    infos = json.loads(path.read_text())
    names = [info['sample_idx'] for info in infos['data_list']]
    known = draw(network, tmp_path / 'known.png', names[:2])
    for info in infos['data_list']:
        info['label_path'] = None
    path.write_text(json.dumps(infos))
    unknown = draw(network, tmp_path / 'unknown.png', names[:2])
    assert known.shape[0] == unknown.shape[0]
    assert known.shape[1] * 2 // 3 == pytest.approx(unknown.shape[1], abs=40)
    with pytest.raises(InputError, match=f'no test frame gone; there are {names[0]}'):
        draw(network, tmp_path / 'none.png', ['gone'])
    assert not (tmp_path / 'none.png').exists()


def test_what_is_visible_and_the_scene_are_drawn(network):
    cfg = Config.fromfile(network[0])
    cfg.model.decode_head.loss_void = dict(type='VoidLoss')
    model = MODELS.build(cfg.model).eval()
    torch.nn.init.constant_(model.decode_head.void_classifier.bias, 20)  # all of it
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    (sample,) = complete_frames(model, dataset, [0])
    columns = scene_columns([sample], 12)
    # a colour of its own, behind those of the twelve classes
    (visible,) = columns['visible surface']
    occluded = sample.gt_voxel_seg.occluded.numpy()
    assert 0 < occluded.sum() < occluded.size
    np.testing.assert_array_equal(visible == 12, ~occluded)
    pred = sample.pred_voxel_seg
    scene, label = pred.scene.numpy(), pred.label.numpy()
    np.testing.assert_array_equal(columns['completed'][0], scene)
    assert (scene != label).any()
