"""The twin of a folder in the form of the 3D-Sketch release."""

import json
import os

import cv2
import numpy as np
import pytest
from folder_state import contents

from cleaners import register_modules  # noqa: F401
from cleaners.data_preparation.profile import SKETCH
from cleaners.data_preparation.tsdf_cad import clean_depth
from cleaners.data_preparation.tsdf_cad_converter import convert_tsdf_cad
from cleaners.data_preparation.twin_check import check_clean_twin
from cleaners.datasets import nyu
from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.datasets.transforms import LoadTSDF
from cleaners.geometry.voxel_grid import GridView, downsample_labels
from cleaners.utils.atomic_write import temporary_path
from cleaners.utils.errors import InputError

FRAMES = ('0002', '0007')


@pytest.fixture(scope='module')
def frame(room):
    """A room as NYU's camera sees it: view, clean volumes, label, weights."""
    view = GridView(
        room.view.cam2world, room.view.voxel_origin, SKETCH.intrinsics, nyu.FINE_GRID
    )
    clean = clean_depth(room.labels, view)
    sensor = SKETCH.clean_volumes(clean, view)
    label = downsample_labels(room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX)
    weight = SKETCH.label_weights(label, sensor)
    return view, sensor, label, weight


@pytest.fixture
def release(tmp_path, frame):
    """A folder of two frames, one a split, without photos."""
    _, sensor, label, weight = frame
    root = tmp_path / 'NYU'
    arrays = dict(
        TSDF=(sensor.tsdf.ravel(), weight.ravel().astype(np.float64)),
        Mapping=(sensor.mapping,),
        Label=(label.ravel().astype(np.int32),),
    )
    for folder, content in arrays.items():
        (root / folder).mkdir(parents=True)
        for name in FRAMES:
            np.savez_compressed(root / folder / f'{name}.npz', *content)
    # whole numbers may be stored as any type
    np.savez_compressed(root / 'Mapping/0007.npz', sensor.mapping.astype(np.float64))
    for split, name in zip(('train', 'test'), FRAMES):
        (root / f'{split}.txt').write_text(f'{name}\n')
    return root


def test_the_twin_is_what_the_camera_would_see(release, frame, tmp_path, capsys):
    view, sensor, _, weight = frame
    truth = sensor.tsdf
    before = contents(release)
    twin = tmp_path / 'elsewhere'
    assert convert_tsdf_cad(release, twin, num_pictures=1)
    assert contents(release) == before
    with np.load(twin / 'TSDF/0007.npz') as file:
        tsdf, counted = file['arr_0'], file['arr_1']
    assert tsdf.dtype == np.float32
    np.testing.assert_array_equal(counted, weight.ravel())
    # made from blocks, not from fine voxels
    assert np.corrcoef(tsdf, truth.ravel())[0, 1] > 0.9

    poses = json.loads((twin / 'poses.json').read_text())
    assert poses['profile'] == '3dsketch'
    assert sorted(poses['frames']) == ['NYU0002', 'NYU0007']
    pose = poses['frames']['NYU0007']
    assert pose['hit_share'] > 0.99
    # here the sensor's depth is clean itself
    assert pose['sensor_correlation'] == pytest.approx(
        np.corrcoef(tsdf, truth.ravel())[0, 1], abs=1e-4
    )
    found = np.array(pose['cam2world'])
    place = view.cam2world[:3, 3] - view.voxel_origin
    assert np.abs(found[:3, 3] - place).max() < 0.015
    turn = found[:3, :3].T @ view.cam2world[:3, :3]
    # for small angles, of whatever axis: |R - I| = sqrt(2) angle
    assert np.linalg.norm(turn - np.eye(3)) < np.sqrt(2) * np.deg2rad(0.25)
    told = capsys.readouterr().out
    assert '2 poses; share of the mapped pixels' in told
    assert f'least: NYU0002 {pose["sensor_correlation"]:.2f}, NYU0007' in told
    # training reads it
    data = NYUSSCDataset(
        data_root=str(release),
        split='test',
        twin=str(twin),
        data_prefix=dict(
            tsdf_path='{twin}/TSDF', mapping_path='Mapping', label_path='Label'
        ),
        pipeline=[],
    )
    read = LoadTSDF()(data.get_data_info(0))['tsdf']
    np.testing.assert_array_equal(read.ravel(), tsdf)
    (picture,) = (twin / 'pictures').iterdir()
    # no photo: the relief, and the relief with marks
    assert cv2.imread(str(picture)).shape == (480, 2 * 640, 3)


def test_only_what_is_missing_or_changed_is_made(release, tmp_path, capsys):
    twin = tmp_path / 'NYU_clean'
    assert convert_tsdf_cad(release, num_pictures=0)
    assert check_clean_twin(twin)
    before = contents(twin)
    times = {name: (twin / f'TSDF/{name}.npz').stat().st_mtime_ns for name in FRAMES}
    # as if it had been killed before the second was finished
    (twin / 'Frames/NYU0007.json').unlink()
    (twin / 'TSDF/0007.npz').write_bytes(b'half a file')
    own = temporary_path(twin / 'TSDF/0007.npz')
    # no process has this number
    own.with_name(own.name.replace(f'.{os.getpid()}-', f'.{2**30}-')).touch()
    assert not check_clean_twin(twin)
    assert 'NYU0007: of' in capsys.readouterr().err
    assert convert_tsdf_cad(release, num_pictures=0)
    assert contents(twin) == before
    assert (twin / 'TSDF/0002.npz').stat().st_mtime_ns == times['0002']
    # another label of the first
    path = release / 'Label/0002.npz'
    with np.load(path) as file:
        label = file['arr_0']
    label[label == 2] = 0
    np.savez_compressed(path, label)
    assert not check_clean_twin(twin)
    assert 'NYU0002: stale' in capsys.readouterr().err
    assert convert_tsdf_cad(release, num_pictures=0)
    after = contents(twin)
    assert {name for name in after if after[name] != before[name]} == {
        'TSDF/0002.npz',
        'Frames/NYU0002.json',
        'poses.json',
    }


def test_a_broken_frame_is_left_out_and_named(release, tmp_path, capsys):
    """An experiment takes the twin for finished by its poses."""
    assert convert_tsdf_cad(release, num_pictures=0)
    np.savez_compressed(release / 'Mapping/0007.npz', np.full(129600, 307200))
    assert not convert_tsdf_cad(release, num_pictures=0)
    assert 'NYU0007: ' in capsys.readouterr().err
    assert not (tmp_path / 'NYU_clean/poses.json').exists()
    assert (tmp_path / 'NYU_clean/Frames/NYU0002.json').exists()


def test_what_is_refused(release, tmp_path):
    (release / 'train.txt').write_text('\nwhat is this\n')
    with pytest.raises(InputError, match="train.txt', line 2: 'what' is no"):
        convert_tsdf_cad(release)
    (release / 'train.txt').write_bytes(b'\xff\xfe0\x000\x00')
    with pytest.raises(InputError, match="train.txt' is no list of frames: it is not"):
        convert_tsdf_cad(release)
    os.truncate(release / 'train.txt', 2**30)
    with pytest.raises(InputError, match="train.txt': 1024 MiB, more than any list"):
        convert_tsdf_cad(release)
    (release / 'train.txt').write_text(f'{FRAMES[0]}\n')
    (tmp_path / 'a file').touch()
    with pytest.raises(InputError, match='a file/twin.*by --out-dir$'):
        convert_tsdf_cad(release, tmp_path / 'a file/twin')
    with pytest.raises(InputError, match='is the data set itself'):
        convert_tsdf_cad(release, release)
    with pytest.raises(InputError, match='by the rules of 3dsketch, and so'):
        convert_tsdf_cad(release, profile='adassc')
    with pytest.raises(
        InputError, match='no NYU0002_0000.bin, nor those of 2 of 2 frames'
    ):
        convert_tsdf_cad(release, root_path=tmp_path)
    (tmp_path / 'NYU_clean').mkdir()
    (tmp_path / 'NYU_clean/mine.txt').touch()
    with pytest.raises(InputError, match='is not empty, and no clean twin'):
        convert_tsdf_cad(release)
    (tmp_path / 'NYU_clean/mine.txt').unlink()
    assert convert_tsdf_cad(release, num_pictures=0)
    release.rename(tmp_path / 'other')
    with pytest.raises(InputError, match='is the clean twin of .*NYU, so that'):
        convert_tsdf_cad(tmp_path / 'other', tmp_path / 'NYU_clean')


def test_the_labels_of_2_cm(nyu_3dsketch_dir, nyu_frame_dir, tmp_path):
    """NYU0003: coarse labels come near what the fine ones give."""
    root = tmp_path / 'NYU'
    for folder in ('TSDF', 'Mapping', 'Label'):
        (root / folder).mkdir(parents=True)
        (root / folder / '0003.npz').symlink_to(
            (nyu_3dsketch_dir / folder / '0003.npz').resolve()
        )
    (root / 'train.txt').write_text('0003\n')
    volumes = []
    for name, raw in (('coarse', None), ('fine', nyu_frame_dir)):
        twin = tmp_path / name
        assert convert_tsdf_cad(root, twin, root_path=raw, num_pictures=0)
        with np.load(twin / 'TSDF/0003.npz') as file:
            volumes.append(file['arr_0'])
    assert 0.91 < np.corrcoef(*volumes)[0, 1] < 0.99
