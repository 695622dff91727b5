"""Own frames with labels: a set that trains and tests."""

import json
import shutil

import cv2
import numpy as np
import pytest

from cleaners.data_preparation.dataset_check import check_dataset
from cleaners.data_preparation.dataset_layout import find_layout
from cleaners.data_preparation.label_classes import make_palette, read_classes
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.data_preparation.rgbd_ssc_converter import OwnLabels, convert_rgbd
from cleaners.data_preparation.split_converter import Share, merge_shards
from cleaners.datasets import nyu
from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.datasets.transforms import LoadVoxelAnnotations
from cleaners.geometry.voxel_grid import downsample_labels

K = '518.8579,518.8579,320,240'
# one more than NYU has
CLASSES = (*nyu.CLASSES, 'lamp')


@pytest.fixture(scope='module')
def coarse(room):
    return downsample_labels(room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX)


@pytest.fixture(scope='module')
def recording(room, coarse, tmp_path_factory):
    """A frame, and its labels fine, coarse and wrong."""
    root = tmp_path_factory.mktemp('labelled')
    cv2.imwrite(str(root / 'a_rgb.png'), room.rgb[..., ::-1])
    cv2.imwrite(str(root / 'a_depth.png'), room.depth_mm)
    np.savetxt(root / 'pose.txt', room.view.cam2world)
    np.save(root / 'fine.npy', room.labels)
    # int64 and flat, as many a program writes
    np.savez(root / 'coarse.npz', coarse.ravel().astype(np.int64))
    np.save(root / 'cut.npy', coarse[:-1])
    wrong = coarse.copy()
    wrong[1, 2, 3] = 13
    np.save(root / 'wrong.npy', wrong)
    (root / 'torn.npy').write_bytes(b'no array')
    lamp = coarse.copy()
    lamp[coarse == 5] = 12
    (root / 'labels').mkdir()
    np.save(root / 'labels/a_label.npy', lamp)
    np.save(root / 'labels/other.npy', lamp)
    (root / 'none').mkdir()
    return root


def convert(recording, out, labels, classes=nyu.CLASSES, **kwargs):
    split = kwargs.pop('split', 'test')
    options = RGBDOptions(K, **dict(dict(pose=str(recording / 'pose.txt')), **kwargs))
    return convert_rgbd(
        recording / 'a_rgb.png',
        recording / 'a_depth.png',
        out,
        options,
        labels=OwnLabels(recording / labels, classes, split),
    )


def test_fine_and_coarse_labels_give_the_same(recording, coarse, tmp_path):
    for name in ('fine.npy', 'coarse.npz'):
        assert convert(recording, tmp_path / name, name)
    for folder in ('Label', 'TSDF'):
        fine, given = (
            (tmp_path / name / folder / 'a.npz').read_bytes()
            for name in ('fine.npy', 'coarse.npz')
        )
        assert fine == given
    label = np.load(tmp_path / 'fine.npy/Label/a.npz')['arr_0']
    np.testing.assert_array_equal(label, coarse.ravel())
    assert check_dataset(find_layout(tmp_path / 'fine.npy'))


def test_set_with_own_classes_loads_for_training(recording, coarse, tmp_path):
    out = tmp_path / 'Mine'
    assert convert(recording, out, 'labels', CLASSES, split='train')
    assert check_dataset(find_layout(out))
    dataset = NYUSSCDataset(
        data_root=str(out),
        ann_file='rgbd_infos_train.json',
        pipeline=[LoadVoxelAnnotations()],
    )
    assert dataset.metainfo['classes'] == CLASSES
    assert len(set(dataset.metainfo['palette'])) == 13
    results = dataset[0]
    assert results['num_classes'] == 13 and results['sample_idx'] == 'a'
    assert (results['label'] == 12).sum() == (coarse == 5).sum() > 0
    # a class is occupied, whatever its number; elsewhere the TSDF decides
    tsdf = np.load(out / 'TSDF/a.npz')['arr_0'].reshape(nyu.GRID.shape)
    occupied = (coarse > 0) & (coarse < 255)
    weight = results['label_weight']
    assert weight[occupied].all()
    assert not weight[~occupied & (tsdf > 0)].any()
    assert weight[~occupied].any()
    with pytest.raises(ValueError, match="has 'a' already"):
        convert(recording, out, 'labels', CLASSES, split='test')
    with pytest.raises(ValueError, match='frames there were made with'):
        convert(recording, out, 'fine.npy', split='train')


def test_verify_counts_the_classes_of_the_set(recording, tmp_path, capsys):
    out = tmp_path / 'Mine'
    assert convert(recording, out, 'labels', CLASSES)
    path = out / 'rgbd_settings.json'
    settings = json.loads(path.read_text())
    assert settings['classes'] == list(CLASSES)
    path.write_text(json.dumps(dict(settings, classes=nyu.CLASSES)))
    assert not check_dataset(find_layout(out))
    assert 'a.npz: labels beyond 0..11' in capsys.readouterr().err


def test_shards_of_two_splits_are_merged(recording, tmp_path):
    """Each split is a command of its own; the second keeps the first's record."""
    out, frames = tmp_path / 'Mine', dict(train='a', test='b')
    for index in (1, 2):
        for split, name in frames.items():
            pair = [tmp_path / f'{name}_{kind}.png' for kind in ('rgb', 'depth')]
            for path in pair:
                shutil.copy(recording / path.name.replace('b_', 'a_'), path)
            convert_rgbd(
                *pair,
                out,
                RGBDOptions(K, pose=str(recording / 'pose.txt')),
                Share(index=index, count=2),
                OwnLabels(recording / 'fine.npy', nyu.CLASSES, split),
            )
    layout = find_layout(out)
    assert merge_shards(layout)
    assert check_dataset(layout)
    for split, name in frames.items():
        infos = json.loads((out / f'rgbd_infos_{split}.json').read_text())
        assert [info['sample_idx'] for info in infos['data_list']] == [name]


def test_a_broken_frame_of_a_shard_is_told_and_left_out(recording, tmp_path, capsys):
    out, folders = tmp_path / 'Mine', [tmp_path / 'rgb', tmp_path / 'depth']
    for folder in folders:
        folder.mkdir()
        for name in 'ab':
            shutil.copy(recording / f'a_{folder.name}.png', folder / f'{name}.png')
    (folders[1] / 'b.png').write_bytes(b'no image')
    options = RGBDOptions(K, pose=str(recording / 'pose.txt'))
    done = [
        convert_rgbd(*folders, out, options, Share(index=index, count=2))
        for index in (1, 2)
    ]
    assert sum(done) == 1
    capsys.readouterr()
    assert not merge_shards(find_layout(out))
    assert 'depth/b.png' in capsys.readouterr().err
    infos = json.loads((out / 'rgbd_infos_test.json').read_text())
    assert [info['sample_idx'] for info in infos['data_list']] == ['a']


@pytest.mark.parametrize(
    'labels,message',
    [
        (
            'cut.npy',
            "cut.npy' should be of shape (60, 36, 60) or (129600,) or "
            '(240, 144, 240) or (8294400,), but is of (59, 36, 60)',
        ),
        ('wrong.npy', "wrong.npy' has the label 13, but labels are 0..12 (empty,"),
        ('torn.npy', "torn.npy' is not a readable file of one array"),
    ],
)
def test_wrong_labels_leave_the_frame_out(recording, tmp_path, capsys, labels, message):
    assert not convert(recording, tmp_path / 'Mine', labels, CLASSES)
    lines = capsys.readouterr().err.splitlines()
    assert sum(message in line for line in lines) == 1


@pytest.mark.parametrize(
    'change,message',
    [
        (dict(labels='none'), 'no labels of 1 of 1 frames, a.npy or a.npz'),
        (dict(labels='gone'), 'gone: no such file or folder'),
        (dict(labels='fine.npy', pose=None), 'fine.npy: give --pose, too'),
    ],
)
def test_wrong_options(recording, tmp_path, change, message):
    with pytest.raises((ValueError, OSError), match=message):
        convert(recording, tmp_path / 'Mine', **change)


def test_classes_and_colours(tmp_path):
    (tmp_path / 'names.txt').write_text('empty\nfloor\n\nbig lamp\n')
    assert read_classes(str(tmp_path / 'names.txt')) == ('empty', 'floor', 'big lamp')
    assert read_classes('empty, floor') == ('empty', 'floor')
    assert read_classes('') == nyu.CLASSES
    for text, message in (
        ('empty', 'neither a list'),
        ('a,b,a', "has 'a'"),
        (','.join(map(str, range(256))), 'names 256'),
    ):
        with pytest.raises(ValueError, match=message):
            read_classes(text)
    assert make_palette(nyu.CLASSES) == [list(c) for c in nyu.PALETTE]
    colours = np.array(make_palette(range(255)))
    assert colours.min() >= 0 and colours.max() <= 255
    assert len(np.unique(colours, axis=0)) == 255
