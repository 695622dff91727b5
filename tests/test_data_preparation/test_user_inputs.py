"""Files as users really have them: read rightly, or refused in one line."""

import shutil

import numpy as np
import pytest

from cleaners.data_preparation.rgbd_notes import reading_notes
from cleaners.data_preparation.rgbd_reading import RGBDOptions, read_rgbd_frame
from cleaners.data_preparation.rgbd_sources import Sources, find_frames
from cleaners.datasets import nyu
from cleaners.fileio.depth_scale import DepthCode
from cleaners.geometry.mapping import count_points

# of the photo of 530 x 730 pixels, and of half its size
FULL, HALF = '529.5,529.5,365,265', '264.7,264.7,182.3,132.3'


@pytest.fixture(scope='module')
def files(reference):
    """The folder of such inputs, and the frame that they are made of."""
    return dict(
        {path.name: path for path in reference('user_inputs').iterdir()},
        photo=reference('sunrgbd_frame/000017.jpg'),
        depth=reference('sunrgbd_frame/000017_depth.png'),
    )


@pytest.fixture(scope='module')
def read(files):
    """Read a frame from files by their names; also K and the pose."""

    def run(photo='photo', depth='depth', k=FULL, pose=None):
        pose = pose and str(files[pose])
        return read_rgbd_frame(
            'f0',
            Sources(dict(f0=files[photo]), dict(f0=files[depth])),
            RGBDOptions(str(files.get(k, k)), pose),
        )

    return run


@pytest.fixture(scope='module')
def right(read):
    return read()


def seen(frame):
    view = frame.view.coarse(nyu.BLOCK)
    return count_points(frame.depth_mm / 1000.0, view) > 0


@pytest.mark.parametrize(
    'given',
    [
        dict(k='01_K_column_major.txt'),
        dict(k='01_K_column_major.json'),
        dict(k='01_open3d_intrinsic.json'),
        dict(k='19_intrinsic_color_4x4.txt'),
        dict(photo='06_exif_orientation_3.jpg'),
    ],
    ids=lambda given: next(iter(given.values())),
)
def test_read_as_the_frame_itself(read, right, given):
    frame = read(**given)
    assert 1.15 < frame.view.cam2world[2, 3] < 1.25
    assert (seen(frame) & seen(right)).sum() > 0.99 * seen(right).sum()
    # JPEG alone tells the turned photo, which was stored again
    assert np.abs(frame.photo.astype(int) - right.photo).mean() < 2


def test_half_the_size_and_holes_of_65535(read, right):
    half = read('photo_half.jpg', 'depth_half.png', HALF)
    holes = read('photo_half.jpg', '03_depth_holes_65535.png', HALF)
    np.testing.assert_array_equal(holes.depth_mm, half.depth_mm)
    np.testing.assert_array_equal(holes.view.cam2world, half.view.cam2world)
    assert abs(seen(half).sum() / seen(right).sum() - 1) < 0.01


@pytest.mark.parametrize(
    'given, message',
    [
        (
            dict(photo='photo_half.jpg', depth='depth_half.png'),
            'middle of a photo of 265 x 365 pixels; K seems to be for about 530 x 7',
        ),
        (
            dict(k=HALF),
            'middle of a photo of 530 x 730 pixels; K seems to be for about 265 x 3',
        ),
        (
            dict(depth='04_depth_all_zero.png'),
            '04_depth_all_zero.png: nothing was measured',
        ),
        (
            dict(pose='04_pose_minus_inf.txt'),
            '04_pose_minus_inf.txt: the pose is not finite; the camera was lost',
        ),
        (
            dict(depth='11_appledouble_._f0.png'),
            '11_appledouble_._f0.png: not a readable PNG or JPEG',
        ),
        (
            dict(photo='11_appledouble_._f0.png'),
            '11_appledouble_._f0.png: not a readable PNG or JPEG',
        ),
        (dict(k='10_empty_list.json'), "10_empty_list.json: has none of ('intrin"),
        (
            dict(depth='07_own_frame_solid_block.png'),
            'should be one channel of integers of 16 bits or more, or of floats',
        ),
    ],
)
def test_refused_in_one_line(read, given, message):
    with pytest.raises(ValueError) as refusal:
        read(**given)
    assert message in str(refusal.value)
    assert '\n' not in str(refusal.value)


def test_what_was_understood_is_told(files):
    sources = Sources(
        dict(f0=files['06_exif_orientation_3.jpg']), dict(f0=files['depth'])
    )
    notes = reading_notes(sources, str(files['01_K_column_major.txt']), DepthCode())
    assert [note.split(':')[0] for note in notes] == ['depth', 'photos', 'intrinsics']
    assert 'turned as their EXIF orientation says' in notes[1]
    assert 'holds the matrix column by column, and is read so' in notes[2]


def test_side_files_of_a_mac_are_no_frames(files, tmp_path):
    for kind in ('photo', 'depth'):
        folder = tmp_path / kind
        folder.mkdir()
        shutil.copy(files[kind], folder / f'f0{files[kind].suffix}')
        shutil.copy(files['11_appledouble_._f0.png'], folder / '._f0.png')
    sources = find_frames(tmp_path / 'photo', tmp_path / 'depth')
    assert set(sources.photos) == set(sources.depths) == {'f0'}
