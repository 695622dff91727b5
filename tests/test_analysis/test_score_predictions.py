"""Predictions in files, scored as the network's own are."""

import json

import numpy as np
import pytest

from cleaners import register_modules  # noqa: F401
from cleaners.analysis.score_predictions import find_predictions, score_predictions
from cleaners.testing import write_tiny_dataset
from cleaners.utils.errors import InputError

PROTOCOLS = ['3dsketch', 'all']


@pytest.fixture
def data(tmp_path):
    """A data set, its test labels by frame, and a folder of predictions."""
    root = tmp_path / 'Tiny'
    write_tiny_dataset(root)
    infos = json.loads((root / 'tiny_infos_test.json').read_text())
    labels = {
        info['sample_idx']: np.load(root / 'Label' / info['label_path'])['arr_0']
        for info in infos['data_list']
    }
    grid_size = infos['metainfo']['grid_size']
    folder = tmp_path / 'predictions'
    folder.mkdir()
    return root, labels, grid_size, folder


def fill(folder, labels, change=lambda label: label):
    """Write the labels as predictions; a class where there is none."""
    for frame, label in labels.items():
        np.save(folder / f'{frame}.npy', change(np.where(label > 11, 5, label)))


def test_the_labels_score_100(data):
    root, labels, _, folder = data
    fill(folder, labels)
    scores = score_predictions(folder, root, 'test', PROTOCOLS)
    for protocol in PROTOCOLS:
        assert scores[protocol]['sc/iou'] == 100.0
    assert scores['occupied']['occupied/free'] == 0.0
    assert scores['occupied']['occupied/ignored'] == 100.0


def test_protocols_are_told_apart(data):
    """Free space that is called occupied counts under one of them alone."""
    root, labels, _, folder = data
    for frame, label in labels.items():
        label = np.where(label > 11, 5, label)
        weight = np.load(root / 'TSDF' / f'{frame[-4:]}.npz')['arr_1']
        np.save(
            folder / f'{frame}.npy', np.where((label == 0) & (weight == 0), 3, label)
        )
    scores = score_predictions(folder, root, 'test', PROTOCOLS)
    assert scores['3dsketch']['sc/iou'] == scores['3dsketch']['ssc/mIoU'] == 100.0
    assert scores['all']['sc/precision'] < 100.0 == scores['all']['sc/recall']
    assert scores['all']['ssc/wall'] < 100.0
    assert scores['occupied']['occupied/free'] == 100.0


def test_any_form_of_a_file_is_read(data):
    root, labels, grid_size, folder = data
    fill(folder, labels)
    expected = score_predictions(folder, root, 'test', PROTOCOLS)
    names = sorted(labels)
    for frame in names:
        (folder / f'{frame}.npy').unlink()
        label = np.where(labels[frame] > 11, 5, labels[frame])
        np.savez_compressed(
            folder / f'{frame[-4:]}.npz', label.reshape(grid_size).astype(np.float32)
        )
    (folder / '._0001.npy').write_bytes(b'of a Mac')
    assert score_predictions(folder, root, 'test', PROTOCOLS) == expected


def test_a_short_name_is_not_another_frames(tmp_path):
    """Own frames may be numbers without zeros before them."""
    for frame in ('2000', '12000'):
        (tmp_path / f'{frame}.npy').touch()
    found = find_predictions(tmp_path, ['12000', '2000'])
    assert {frame: path.stem for frame, path in found.items()} == {
        '12000': '12000',
        '2000': '2000',
    }


def spoil_missing(folder, first, grid_size):
    first.unlink()


def spoil_twice(folder, first, grid_size):
    np.savez(folder / f'{first.stem[-4:]}.npz', np.load(first))


def spoil_size(folder, first, grid_size):
    np.save(first, np.load(first)[1:])


def spoil_shape(folder, first, grid_size):
    np.save(first, np.load(first).reshape(grid_size[::-1]))


def spoil_class(folder, first, grid_size):
    label = np.load(first)
    label[3] = 12
    np.save(first, label)


def spoil_fraction(folder, first, grid_size):
    np.save(first, np.load(first) + 0.5)


def spoil_pickle(folder, first, grid_size):
    np.save(first, np.array([None]), allow_pickle=True)


def spoil_bytes(folder, first, grid_size):
    first.write_bytes(first.read_bytes()[:-7])


def spoil_arrays(folder, first, grid_size):
    np.savez(first.with_suffix('.npz'), np.load(first), np.load(first))
    first.unlink()


@pytest.mark.parametrize(
    'spoil, message',
    [
        (spoil_missing, 'has no prediction of 1 frames: '),
        (spoil_twice, 'has 2 predictions: '),
        (spoil_size, 'should be of shape '),
        (spoil_shape, 'should be of shape '),
        (spoil_class, r'should hold a class, 0\.\.11, for every voxel, but has 12'),
        (spoil_fraction, 'should hold a class'),
        (spoil_pickle, 'an array of object instead of numbers'),
        (spoil_bytes, 'is not a readable file of one array'),
        (spoil_arrays, '2 arrays: '),
    ],
)
def test_what_is_wrong_is_told(data, spoil, message):
    root, labels, grid_size, folder = data
    fill(folder, labels)
    spoil(folder, min(folder.iterdir()), grid_size)
    with pytest.raises(InputError, match=message):
        score_predictions(folder, root, 'test', PROTOCOLS)


def test_other_frames_are_left_out_and_told(data, capsys):
    root, labels, _, folder = data
    fill(folder, labels)
    np.save(folder / 'other.npy', np.zeros(3))
    score_predictions(folder, root, 'test', ['all'])
    assert '1 files of other frames are not scored: other' in (capsys.readouterr().out)
