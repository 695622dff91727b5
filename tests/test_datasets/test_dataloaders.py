"""Data sets inside mmengine's wrappers, and loaders without workers."""

import json
import shutil

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

import cleaners.register_modules  # noqa: F401
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset

pytestmark = pytest.mark.usefixtures('no_config_text')

RARE = 11


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two data sets of other names; one frame alone has the rare class."""
    folder = tmp_path_factory.mktemp('data')
    for name in ('First', 'Second'):
        write_tiny_dataset(folder / name)
    path = folder / 'Second/tiny_infos_train.json'
    infos = json.loads(path.read_text())
    infos['metainfo']['dataset'] = 'another'
    path.write_text(json.dumps(infos))
    for number in range(2, 5):
        path = folder / f'First/Label/{number:04d}.npz'
        label = np.load(path)['arr_0']
        np.savez_compressed(path, np.where(label == RARE, 0, label))
    return folder


def wrap(kind, first, second):
    return dict(
        ConcatDataset=dict(datasets=[first, second]),
        RepeatDataset=dict(dataset=first, times=3),
        ClassBalancedDataset=dict(dataset=first, oversample_thr=1.0),
    )[kind]


@pytest.mark.parametrize(
    'kind, frames',
    [
        ('ConcatDataset', 4 + 4),
        ('RepeatDataset', 4 * 3),
        # a class of a quarter of the frames: its frame sqrt(1 / 0.25) times
        ('ClassBalancedDataset', 3 + 2),
    ],
)
def test_a_wrapped_data_set_trains(folder, tmp_path, kind, frames):
    cfg = tiny_runner_cfg(folder / 'First', tmp_path / 'run', tiny_ssc_net())
    first = cfg['train_dataloader']['dataset']
    second = dict(first, data_root=str(folder / 'Second'))
    cfg['train_dataloader'].update(
        batch_size=1, dataset=dict(type=kind, **wrap(kind, first, second))
    )
    cfg['train_cfg']['max_epochs'] = 1
    runner = Runner.from_cfg(Config(cfg))
    runner.train()
    assert runner.iter == frames
    assert (tmp_path / 'run/epoch_1.pth').is_file()


def test_classes_of_a_frame_are_of_voxels_that_count(folder, tmp_path):
    folder = shutil.copytree(folder, tmp_path / 'copy')
    cfg = tiny_runner_cfg(folder / 'First', 'unused', tiny_ssc_net())
    dataset = Runner.build_dataloader(Config(cfg).train_dataloader, seed=0).dataset
    label = np.load(folder / 'First/Label/0001.npz')['arr_0']
    weight = np.load(folder / 'First/TSDF/0001.npz')['arr_1']
    np.savez_compressed(
        folder / 'First/Label/0001.npz', np.where(weight == 0, RARE, 255 * (label > 5))
    )
    assert dataset.get_cat_ids(0) == [0]
    np.savez_compressed(folder / 'First/Label/0001.npz', label)
    assert dataset.get_cat_ids(0) == list(range(12))


@pytest.mark.parametrize('stage', ['train', 'val', 'test'])
def test_every_loader_works_without_workers(folder, repo_root, stage):
    """Torch refuses workers that persist where there are none."""
    cfg = Config.fromfile(repo_root / 'configs/_base_/datasets/nyu-ssc.py')
    loader = cfg[f'{stage}_dataloader']
    loader.num_workers = 0
    split, frames = ('train', 4) if stage == 'train' else ('test', 3)
    loader.dataset.update(
        data_root=str(folder / 'First'), ann_file=f'tiny_infos_{split}.json'
    )
    del loader.dataset.pipeline[:]
    batches = list(Runner.build_dataloader(loader, seed=0))
    assert sum(len(batch['sample_idx']) for batch in batches) == frames
