"""Data that a network is not made for is refused before the first batch."""

import copy

import pytest
import torch
import torch.nn as nn
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import TensorDataset

import cleaners.register_modules  # noqa: F401
from cleaners.engine.hooks import SizeCheckHook
from cleaners.structures import FrameSizes
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.testing.tiny import GRID_SIZE, NUM_CLASSES
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'Tiny'
    write_tiny_dataset(root, num_train=2, num_test=1)
    return root


def run(cfg, stage='train'):
    getattr(Runner.from_cfg(Config(cfg)), stage)()


@pytest.mark.parametrize(
    'change, match',
    [
        (dict(grid_size=(8, 8, 8)), r'grid_size \(8, 8, 8\), but .*16\)'),
        (dict(img_size=(48, 64)), r'img_size \(48, 64\), but .*\(32, 64\)'),
        (dict(num_classes=5), r'num_classes 5, but .*Tiny. has 12'),
        (dict(ignore_index=200), 'ignore_index 200, but .* has 255'),
    ],
)
@pytest.mark.parametrize('stage', ['train', 'val', 'test'])
def test_a_network_for_other_data_is_refused(data_root, tmp_path, change, match, stage):
    net = tiny_ssc_net(**change)
    with pytest.raises(InputError, match=match):
        run(tiny_runner_cfg(data_root, tmp_path / 'run', net), stage)


def test_smaller_photos_are_not_padded_with_black(tmp_path):
    sizes = FrameSizes(GRID_SIZE, (16, 32), NUM_CLASSES)
    write_tiny_dataset(tmp_path / 'Small', 2, 1, sizes=sizes)
    cfg = tiny_runner_cfg(tmp_path / 'Small', tmp_path / 'run', tiny_ssc_net())
    with pytest.raises(InputError, match=r'img_size \(32, 64\), but .*Small'):
        run(cfg)


@pytest.mark.parametrize(
    'metainfo, match',
    [
        (dict(img_size=(16, 32)), r"img_size \(32, 64\), but .*Tiny' has \(16"),
        (dict(classes=tuple('abcdefghijkl')), "Tiny' has other classes than"),
    ],
)
def test_every_data_set_inside_wrappers_is_checked(
    data_root, tmp_path, metainfo, match
):
    """Mmengine shows the metainfo of the first one only."""
    cfg = tiny_runner_cfg(data_root, tmp_path / 'run', tiny_ssc_net())
    first = cfg['train_dataloader']['dataset']
    second = dict(copy.deepcopy(first), metainfo=metainfo)
    cfg['train_dataloader']['dataset'] = dict(
        type='RepeatDataset',
        times=1,
        dataset=dict(
            type='ConcatDataset', datasets=[first, second], ignore_keys=list(metainfo)
        ),
    )
    with pytest.raises(InputError, match=match):
        run(cfg)


def test_a_data_set_inside_mmdet3ds_wrapper_is_checked(data_root, tmp_path):
    cfg = tiny_runner_cfg(data_root, tmp_path / 'run', tiny_ssc_net(num_classes=5))
    inner = cfg['train_dataloader']['dataset']
    cfg['train_dataloader']['dataset'] = dict(type='CBGSDataset', dataset=inner)
    with pytest.raises(InputError, match='num_classes 5, but .*Tiny. has 12'):
        run(cfg)


def test_a_network_for_other_2d_labels_is_refused(data_root, tmp_path):
    net = tiny_ssc_net(
        backbone=dict(type='LabelEmbedding', num_labels=12), head_2d=None
    )
    cfg = tiny_runner_cfg(data_root, tmp_path / 'run', net)
    cfg['val_dataloader']['dataset']['pipeline'].insert(0, dict(type='LoadSeg2D'))
    with pytest.raises(InputError, match='num_labels 12, but LoadSeg2D .* has 14'):
        run(cfg, 'val')


def test_models_and_data_of_ones_own(data_root, tmp_path):
    """What says nothing is let pass; a network of ours needs what data say."""
    runner = Runner.from_cfg(
        Config(tiny_runner_cfg(data_root, tmp_path / 'run', tiny_ssc_net()))
    )
    hook = SizeCheckHook()
    with pytest.raises(InputError, match="lacks 'grid_size'"):
        hook.check(runner, TensorDataset(torch.zeros(2)))
    runner.model = nn.Linear(1, 1)
    hook.check(runner, TensorDataset(torch.zeros(2)))


def test_a_data_set_that_does_not_say_its_sizes_is_refused(data_root, tmp_path):
    runner = Runner.from_cfg(
        Config(tiny_runner_cfg(data_root, tmp_path / 'run', tiny_ssc_net()))
    )
    dataset = runner.build_dataloader(runner._val_dataloader).dataset
    del dataset._metainfo['ignore_index']
    runner._val_dataloader['dataset'] = dataset
    with pytest.raises(InputError, match="lacks 'ignore_index'"):
        runner.val()
