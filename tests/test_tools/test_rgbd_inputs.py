"""Kinds of depth, intrinsics, poses and photos that own frames come with."""

import json

import cv2
import numpy as np
import pytest
from own_frame_cases import INTRINSICS as K
from own_frame_cases import infos
from PIL import Image

from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.data_preparation.rgbd_ssc_converter import convert_rgbd
from cleaners.datasets import nyu


@pytest.fixture
def convert(tmp_path, room):
    """Prepare the room's frame from files of some kind, in this process.

    Returns what was read as the annotation of the frame, or None.
    """

    def run(depth='f0.png', photo='f0.png', pose=room.view.cam2world, **given):
        if not (tmp_path / photo).exists():
            cv2.imwrite(str(tmp_path / photo), room.rgb[..., ::-1])
        np.savetxt(tmp_path / 'pose.txt', pose)
        options = dict(intrinsics=K, pose=str(tmp_path / 'pose.txt'))
        is_whole = convert_rgbd(
            tmp_path / photo,
            tmp_path / depth,
            tmp_path / 'out',
            RGBDOptions(**dict(options, **given)),
        )
        frames = infos(tmp_path / 'out')
        assert is_whole == bool(frames)
        return frames[0] if frames else None

    return run


def mapping(tmp_path):
    """Voxels that the prepared frame sees."""
    with np.load(next((tmp_path / 'out/Mapping').iterdir())) as file:
        return file['arr_0']


@pytest.fixture(scope='module')
def room_mapping(room, tmp_path_factory):
    """The right answer: that of 16 bit millimetres."""
    root = tmp_path_factory.mktemp('room')
    cv2.imwrite(str(root / 'f0.jpg'), room.rgb[..., ::-1])
    cv2.imwrite(str(root / 'f0.png'), room.depth_mm)
    np.savetxt(root / 'pose.txt', room.view.cam2world)
    options = RGBDOptions(K, str(root / 'pose.txt'))
    assert convert_rgbd(root / 'f0.jpg', root / 'f0.png', root / 'out', options)
    return mapping(root)


def holes_as_65535(path, depth_mm):
    cv2.imwrite(str(path), np.where(depth_mm, depth_mm, 65535))


def metres_with_nan(path, depth_mm):
    depth = np.where(depth_mm, depth_mm / 1000, np.nan)
    np.save(path, depth.astype(np.float32))


def metres_as_image(path, depth_mm):
    cv2.imwrite(str(path), (depth_mm / 1000).astype(np.float32))


@pytest.mark.parametrize(
    'name,write,note',
    [
        ('d.png', holes_as_65535, 'd.png holds uint16, read as 1000 to a metre'),
        ('d.npy', np.save, 'd.npy holds uint16, read as 1000 to a metre'),
        ('d.npy', metres_with_nan, 'd.npy holds float32, read as metres'),
        ('d.tiff', metres_as_image, 'd.tiff holds float32, read as metres'),
        ('d.exr', metres_as_image, 'd.exr holds float32, read as metres'),
    ],
)
def test_kinds_of_depth(
    convert, capsys, tmp_path, room, room_mapping, monkeypatch, name, write, note
):
    monkeypatch.setenv('OPENCV_IO_ENABLE_OPENEXR', '1')  # of who writes it here
    write(tmp_path / name, room.depth_mm)
    assert convert(name)
    assert f'depth: {note}\n' in capsys.readouterr().out
    np.testing.assert_array_equal(mapping(tmp_path), room_mapping)


def test_intrinsics_column_by_column(convert, capsys, tmp_path, room):
    cv2.imwrite(str(tmp_path / 'd.png'), room.depth_mm)
    np.savetxt(tmp_path / 'k.txt', nyu.INTRINSICS.cam2img.T)
    info = convert('d.png', intrinsics=str(tmp_path / 'k.txt'))
    assert info['cam2img'] == nyu.INTRINSICS.cam2img.tolist()
    assert 'k.txt holds the matrix column by column, and' in (capsys.readouterr().out)


def test_intrinsics_of_another_size(convert, capsys, tmp_path, room):
    cv2.imwrite(str(tmp_path / 'd.png'), room.depth_mm)
    camera = dict(K=nyu.INTRINSICS.cam2img.tolist(), width=1280, height=960)
    (tmp_path / 'k.json').write_text(json.dumps(camera))
    k_file = str(tmp_path / 'k.json')
    assert convert('d.png', intrinsics=k_file) is None
    assert (
        'images of 960 x 1280 pixels, but the photo has 480 x 640; scale them'
    ) in capsys.readouterr().err
    assert convert('d.png', intrinsics=k_file, force=True)


@pytest.mark.parametrize(
    'value,message',
    [
        (0, 'd.png: nothing was measured'),
        (65535, 'd.png: nothing was measured'),
        (9000, ', 0 % of the measured pixels lie in 0.5 to 8 m'),
    ],
)
def test_frames_without_depth_are_left_out(convert, capsys, tmp_path, value, message):
    cv2.imwrite(str(tmp_path / 'd.png'), np.full((48, 64), value, np.uint16))
    assert convert('d.png') is None
    assert message in capsys.readouterr().err


def test_a_lost_pose(convert, capsys, tmp_path, room):
    cv2.imwrite(str(tmp_path / 'd.png'), room.depth_mm)
    assert convert('d.png', pose=np.full((4, 4), -np.inf)) is None
    error = capsys.readouterr().err
    assert error.splitlines()[-1].endswith(
        'pose.txt: the pose is not finite; the camera was lost in this frame'
    )


@pytest.mark.parametrize('orientation', [3, 6])
def test_photos_that_exif_turns(convert, capsys, tmp_path, room, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = room.rgb[::-1, ::-1] if orientation == 3 else room.rgb
    Image.fromarray(stored).save(tmp_path / 'f0.png', exif=exif)
    cv2.imwrite(str(tmp_path / 'd.png'), room.depth_mm)
    info = convert('d.png', 'f0.png')
    printed = capsys.readouterr()
    assert 'photos: 1 of 1 are turned as their EXIF' in printed.out
    if orientation == 6:
        assert info is None
        assert 'turned as its EXIF orientation 6 says)' in printed.err
    else:
        path = tmp_path / 'out/testset/RGB' / info['img_path']
        np.testing.assert_array_equal(cv2.imread(str(path))[..., ::-1], room.rgb)


def test_what_users_have(reference, capsys, tmp_path):
    inputs = reference('user_inputs')
    frame = (inputs / 'photo_half.jpg', inputs / 'depth_half.png')
    full = RGBDOptions('529.5,529.5,365,265')
    assert not convert_rgbd(*frame, tmp_path / 'full', full)
    assert (
        '(365, 265) is far from the middle of a photo of 265 x 365 '
        'pixels; K seems to be for about 530 x 730'
    ) in (capsys.readouterr().err)
    right = RGBDOptions('264.7,264.7,182.3,132.3')
    holes = (frame[0], inputs / '03_depth_holes_65535.png')
    for folder, files in dict(zero=frame, holes=holes).items():
        assert convert_rgbd(*files, tmp_path / folder / 'out', right)
    np.testing.assert_array_equal(
        mapping(tmp_path / 'zero'), mapping(tmp_path / 'holes')
    )
    assert abs(infos(tmp_path / 'zero/out')[0]['cam2world'][2][3] - 1.2) < 0.1
