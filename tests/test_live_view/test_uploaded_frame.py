"""Uploads of the live view, without a server."""

import numpy as np
import pytest

from cleaners.apis.scene_files import scene_view
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.live_view.uploaded_frame import (
    MAX_UPLOAD,
    FrameUploads,
    check_options,
    check_upload_size,
    complete_uploads,
    take_upload,
)
from cleaners.utils.errors import InputError

K = '518.8579,518.8579,320,240'
MATRIX = '518.8579 0 320\n0 518.8579 240\n0 0 1'


@pytest.fixture(scope='module')
def uploads(frame_files):
    """Photo and depth image as somebody would send them."""
    return FrameUploads(
        take_upload('a.jpg', frame_files['photo']),
        take_upload('b.png', frame_files['depth']),
    )


@pytest.fixture(scope='module')
def posed(room, tmp_path_factory):
    """Options with the pose of the room."""
    path = tmp_path_factory.mktemp('pose') / 'pose.txt'
    np.savetxt(path, room.view.cam2world)
    return RGBDOptions(None, str(path))


def test_scene_is_that_of_the_frame(depth_infer, room, uploads, posed):
    given = [
        uploads._replace(intrinsics=MATRIX),
        uploads._replace(camera=take_upload('k.txt', MATRIX.encode())),
        # what is written counts more than the file
        uploads._replace(camera=take_upload('k.txt', b'1'), intrinsics=K),
    ]
    wanted = scene_view(
        depth_infer(
            room.rgb, room.depth_mm, [518.8579, 518.8579, 320, 240], room.view.cam2world
        )
    )
    for frame in given:
        done = complete_uploads(depth_infer, frame, posed)
        np.testing.assert_array_equal(done.view.prediction, wanted.prediction)
        np.testing.assert_array_equal(done.view.surface, wanted.surface)
        np.testing.assert_array_equal(done.view.photo, room.rgb)
    note, share = done.lines
    assert note == 'depth: b.png holds uint16, read as 1000 to a metre'
    assert share.endswith(' % of the visible surface lies within a voxel of the scene')


def test_an_empty_pose_is_none(depth_infer, uploads):
    given = uploads._replace(intrinsics=MATRIX)
    done, wanted = (
        complete_uploads(depth_infer, given, RGBDOptions(None, pose))
        for pose in ('', None)
    )
    assert done.lines == wanted.lines
    np.testing.assert_array_equal(done.view.cam2world, wanted.view.cam2world)


def test_depth_alone_and_the_camera_of_the_options(depth_infer, room, uploads):
    alone = uploads._replace(photo=None)
    done = complete_uploads(depth_infer, alone, RGBDOptions(K))
    assert done.view.photo is None
    height = float(done.lines[1].split('camera height ')[1].split(' m')[0])
    assert abs(height - room.view.cam2world[2, 3]) < 0.1


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(depth=None), 'no depth image yet'),
        (dict(intrinsics=''), 'no intrinsics yet'),
        (
            dict(photo=take_upload('a.jpg', b'GIF89a')),
            'a.jpg: not a readable PNG or JPEG',
        ),
        (
            dict(depth=take_upload('d.gif', b'GIF89a')),
            'd.gif: a depth image should be one of .png',
        ),
        (
            dict(depth=take_upload('d.npy', b'\x80\x04N.')),
            'd.npy: not a readable .npy file',
        ),
        (dict(intrinsics='1 2 3'), 'K: intrinsics should be fx, fy, cx, cy'),
        (
            dict(intrinsics='264.7,264.7,182.3,132.3'),
            'intrinsics K: the principal point',
        ),
        (
            dict(intrinsics='', camera=take_upload('k.json', b'{')),
            'k.json: not a JSON file',
        ),
    ],
)
def test_refusals(depth_infer, uploads, change, message):
    given = uploads._replace(**dict(dict(intrinsics=K), **change))
    with pytest.raises(ValueError) as refusal:
        complete_uploads(depth_infer, given, RGBDOptions(None))
    assert str(refusal.value).startswith(message)
    assert '\n' not in str(refusal.value)


def test_written_intrinsics_open_no_file(depth_infer, uploads, tmp_path):
    path = tmp_path / 'k.txt'
    path.write_text(K)
    with pytest.raises(ValueError, match='K: holds something that is no numb'):
        complete_uploads(
            depth_infer, uploads._replace(intrinsics=str(path)), RGBDOptions(None)
        )


def test_an_array_of_objects_runs_nothing(depth_infer, uploads, tmp_path):
    """NumPy files may hold a pickle, which could run anything."""

    class Evil:
        def __reduce__(self):
            return (tmp_path / 'ran').touch, ()

    np.save(tmp_path / 'd.npy', np.array([[Evil()]]), allow_pickle=True)
    depth = take_upload('d.npy', (tmp_path / 'd.npy').read_bytes())
    with pytest.raises(ValueError, match='d.npy: not a readable .npy file'):
        complete_uploads(
            depth_infer, uploads._replace(depth=depth, intrinsics=K), RGBDOptions(None)
        )
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize(
    'name, kept',
    [
        ('Küche 1 (2).png', 'Küche 1 (2).png'),
        ('../../etc/passwd', 'passwd'),
        ('C:\\a\\b.PNG', 'b.PNG'),
        ('..', '_'),
        ('', '_'),
        ('.png', 'png'),
        ('a\nerror: b\x1b[2J.png', 'a_error_ b__2J.png'),
        ('<b>${x}</b>.png', 'b_.png'),
        ('x' * 300 + '.tiff', 'x' * 80 + '.tiff'),
    ],
)
def test_names_are_plain(name, kept):
    assert str(take_upload(name, b'').path) == kept


def test_size_limit():
    check_upload_size('a.png', MAX_UPLOAD)
    with pytest.raises(InputError) as refusal:
        check_upload_size('x/a.png', 80 * 2**20)
    assert str(refusal.value) == ('a.png: 80 MiB are too many, 64 MiB are accepted')
    with pytest.raises(InputError, match='too many'):
        take_upload('a.png', bytes(MAX_UPLOAD + 1))


@pytest.mark.parametrize(
    'options, message',
    [
        (RGBDOptions('k.txt'), 'k.txt: no such file of intrinsics'),
        (RGBDOptions(None, pose='p.txt'), 'p.txt: no such file of pose'),
        (RGBDOptions(None, depth_scale=0.0), '--depth-scale should be positive'),
        (RGBDOptions(None, gravity=(0, 0, 0)), 'gravity should be a direction'),
        (RGBDOptions(None, camera_height=-1), 'camera_height should be positive'),
    ],
)
def test_options_are_looked_at_first(options, message):
    with pytest.raises((InputError, FileNotFoundError), match=message):
        check_options(options)
