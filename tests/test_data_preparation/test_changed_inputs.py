"""A frame is made anew when what it was made from has changed."""

import json
import shutil

import cv2
import numpy as np
import pytest
from folder_state import stamps

from cleaners.data_preparation.dataset_check import check_dataset
from cleaners.data_preparation.dataset_layout import find_layout
from cleaners.data_preparation.nyu_release import NYUOptions
from cleaners.data_preparation.nyu_ssc_converter import convert_nyu
from cleaners.data_preparation.output_files import WriteError
from cleaners.data_preparation.profile import ADASSC
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.data_preparation.rgbd_ssc_converter import convert_rgbd
from cleaners.datasets.open_folder import splits_in
from cleaners.fileio.depth_file import decode_depth_png
from cleaners.fileio.npz_file import read_npz

NAME = 'kitchen-1'


def write_recording(folder, room):
    """One frame of an own camera, intrinsics and pose in files."""
    folder.mkdir()
    cv2.imwrite(str(folder / f'{NAME}.color.png'), room.rgb[..., ::-1])
    cv2.imwrite(str(folder / f'{NAME}.depth.png'), room.depth_mm)
    np.savetxt(folder / 'k.txt', room.view.intrinsics.cam2img)
    np.savetxt(folder / 'pose.txt', room.view.cam2world)


def prepare(recording, out, **options):
    given = dict(intrinsics=str(recording / 'k.txt'), pose=str(recording / 'pose.txt'))
    return convert_rgbd(
        recording, recording, out, RGBDOptions(**dict(given, **options))
    )


def read_record(out):
    return json.loads((out / f'Frames/{NAME}.json').read_text())


def without_places(record):
    for file in record['inputs']['files'].values():
        del file['path']
    return record


@pytest.fixture(scope='module')
def kitchen(room, tmp_path_factory):
    """A recording, and the data set made from it."""
    root = tmp_path_factory.mktemp('kitchen')
    write_recording(root / 'recording', room)
    assert prepare(root / 'recording', root / 'Mine')
    return root


@pytest.fixture
def copied(kitchen, tmp_path):
    """The same, to change: recording and data set."""
    shutil.copytree(kitchen, tmp_path, dirs_exist_ok=True)
    return tmp_path / 'recording', tmp_path / 'Mine'


def brighten(path):
    cv2.imwrite(str(path), cv2.imread(str(path)) // 2 + 99)


def come_closer(path):
    depth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(path), (depth * 0.8).astype(np.uint16))


def scale(path):
    np.savetxt(path, np.loadtxt(path) * [[1.1], [1.1], [1]])


def lift(path, metres=0.1):
    pose = np.loadtxt(path)
    pose[2, 3] += metres
    np.savetxt(path, pose)


@pytest.mark.parametrize(
    'file,change,kept,changed',
    [
        (f'{NAME}.color.png', brighten, 'Depth', 'RGB'),
        (f'{NAME}.depth.png', come_closer, 'RGB', 'Depth'),
        ('k.txt', scale, 'RGB', 'TSDF'),
        ('pose.txt', lift, 'RGB', 'TSDF'),
    ],
)
def test_another_file_gives_what_a_new_folder_would(
    copied, tmp_path, file, change, kept, changed
):
    recording, out = copied
    before = read_record(out)['files']
    change(recording / file)
    assert prepare(recording, out)
    assert prepare(recording, tmp_path / 'New')
    after = without_places(read_record(out))
    assert after == without_places(read_record(tmp_path / 'New'))
    differing = {name for name in before if before[name] != after['files'][name]}
    assert any(changed in name for name in differing)
    assert not any(kept in name for name in differing)
    assert check_dataset(find_layout(out))


def test_other_options_make_a_frame_anew_in_the_same_folder(copied):
    recording, out = copied
    assert prepare(recording, out, depth_scale=1100.0)
    path = out / f'testset/Depth/{NAME}_depth.png'
    depth = decode_depth_png(path, path.read_bytes(), (480, 640))
    source = cv2.imread(str(recording / f'{NAME}.depth.png'), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(depth, np.rint(source / 1.1))
    # the numbers of the file, typed
    numbers = np.loadtxt(recording / 'k.txt')[[0, 1, 0, 1], [0, 1, 2, 2]]
    assert prepare(recording, out, intrinsics=','.join(map(str, numbers)))
    assert read_record(out)['inputs']['options']['intrinsics'].startswith('518')


def test_the_profile_is_that_of_the_folder(copied, tmp_path):
    recording, out = copied
    with pytest.raises(ValueError, match="with .*'3dsketch'.* not with"):
        prepare(recording, out, profile=ADASSC)
    other = tmp_path / 'Adassc'
    assert prepare(recording, other, profile=ADASSC)
    assert check_dataset(find_layout(other))
    infos, profiles = [], []
    for folder in (out, other):
        content = json.loads((folder / 'rgbd_infos_test.json').read_text())
        infos += content['data_list']
        profiles.append(content['metainfo']['profile'])
    assert profiles == ['3dsketch', 'adassc']
    # own frames have their own camera under either
    assert infos[0] == infos[1]
    ours, theirs = (
        read_npz(folder / f'TSDF/{NAME}.npz', 'arr_0', 129600)
        for folder in (out, other)
    )
    assert (ours != theirs).mean() > 0.1


def test_nothing_is_computed_again_for_the_same_content(copied):
    recording, out = copied
    before = stamps(out)
    assert len(before) == 3
    moved = recording.rename(recording.with_name('elsewhere'))
    assert prepare(moved, out)
    assert stamps(out) == before


def test_a_frame_made_anew_in_part_is_not_taken_for_finished(copied):
    recording, out = copied
    photo = recording / f'{NAME}.color.png'
    original, prepared = photo.read_bytes(), read_record(out)['files']
    tsdf = out / f'TSDF/{NAME}.npz'
    volumes = tsdf.read_bytes()
    tsdf.unlink()
    tsdf.mkdir()  # no file can be put there
    brighten(photo)
    with pytest.raises(WriteError, match=f'{NAME}.npz: cannot be written'):
        prepare(recording, out)
    # all as it was, but for the new picture
    tsdf.rmdir()
    tsdf.write_bytes(volumes)
    photo.write_bytes(original)
    assert prepare(recording, out)
    assert read_record(out)['files'] == prepared
    assert check_dataset(find_layout(out))


def test_photos_replace_the_pictures_drawn_of_depth(write_release, tmp_path):
    raw, out = tmp_path / 'raw', tmp_path / 'NYU'
    write_release(raw / 'NYUtrain', ['NYU0001'])
    write_release(raw / 'NYUCADtrain', ['NYU0001'], photos=False)
    photo = raw / 'NYUtrain/NYU0001_rgb.png'
    content = photo.read_bytes()
    photo.unlink()
    options = NYUOptions(['train'], rgb_from_depth=True)
    assert convert_nyu(raw, out, options)
    picture = out / 'trainset/RGB/NYU0001_rgb.png'
    assert picture.read_bytes() != content
    photo.write_bytes(content)
    assert convert_nyu(raw, out, options)
    assert picture.read_bytes() == content
    before = stamps(tmp_path)
    assert convert_nyu(raw, out, options)
    assert stamps(tmp_path) == before
    # clean depth that changed reaches the twin, and nothing else
    twin = tmp_path / 'NYU_clean/TSDF/0001.npz'
    files = {p: p.read_bytes() for p in before if p.suffix == '.npz'}
    clean = raw / 'NYUCADtrain/NYU0001_0000.png'
    depth = cv2.imread(str(clean), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(clean), np.roll(depth, 40, axis=1))
    assert convert_nyu(raw, out, options)
    assert [p for p in files if p.read_bytes() != files[p]] == [twin]


class TestVerify:
    def check(self, out, capsys):
        is_right = check_dataset(find_layout(out))
        told = capsys.readouterr()
        return is_right, told.out + told.err

    def test_stale_frames_are_named(self, copied, capsys):
        recording, out = copied
        # the data set that was copied names the first recording
        assert prepare(recording, out, fit='crop')
        assert self.check(out, capsys)[0]
        brighten(recording / f'{NAME}.color.png')
        is_right, told = self.check(out, capsys)
        assert not is_right
        assert f'{NAME}: stale, {recording}/{NAME}.color.png changed' in told
        assert '1 faults' in told
        # raw data may be deleted
        shutil.rmtree(recording)
        is_right, told = self.check(out, capsys)
        assert is_right and 'no faults' in told

    def test_a_frame_without_a_seen_voxel(self, copied, capsys):
        recording, out = copied
        lift(recording / 'pose.txt', 10)
        assert not prepare(recording, out)
        told = capsys.readouterr().err
        assert 'nothing that is measured lies in the box' in told
        assert '1 of 1 frames of test are broken' in told
        infos = json.loads((out / 'rgbd_infos_test.json').read_text())
        assert infos['data_list'] == []
        assert (out / 'testset/RGB').is_dir() and splits_in(str(out)) == []
        told = self.check(out, capsys)[1]
        assert '1 frames of earlier runs are in no annotation file' in told

    def test_a_mapping_without_a_voxel_is_told(self, copied, capsys):
        out = copied[1]
        np.savez(out / f'Mapping/{NAME}.npz', np.full(129600, 307200, np.int64))
        is_right, told = self.check(out, capsys)
        assert not is_right
        assert f'Mapping/{NAME}.npz: no voxel is seen' in told
