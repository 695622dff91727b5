"""Frames of other cameras and rooms, through the demo with the package's networks."""

import re

import numpy as np
import pytest
from in_process import call_tool

FRAMES = dict(
    bed=(
        'sunrgbd_frame/000017.jpg',
        'sunrgbd_frame/000017_depth.png',
        ['--intrinsics', 'sunrgbd_frame/000017_camera.json'],
    ),
    desk=(
        'rgbd_frames/office_desk.png',
        'rgbd_frames/office_desk_depth.png',
        ['--intrinsics', '525,525,319.5,239.5', '--depth-scale', '5000'],
    ),
    shelf=(
        'rgbd_frames/office_shelf.jpg',
        'rgbd_frames/office_shelf_depth.png',
        ['--intrinsics', 'rgbd_frames/office_shelf_intrinsics.txt', '--rotated-depth'],
    ),
    table=(
        'rgbd_frames/tabletop.png',
        'rgbd_frames/tabletop_depth.png',
        ['--intrinsics', '618.02,618.00,312.38,232.38'],
    ),
)


@pytest.fixture
def complete(monkeypatch, reference, tmp_path):
    """Run demo/ssc_demo.py on a frame, with its photo or without."""

    def run(name, with_photo):
        photo, depth, options = FRAMES[name]
        photo = reference(photo) if with_photo else '-'
        options = [str(reference(o)) if '/' in o else o for o in options]
        arguments = photo, reference(depth), *options, '--out-dir', tmp_path
        call_tool(monkeypatch, '../demo/ssc_demo.py', *arguments)
        return tmp_path

    return run


@pytest.mark.long
@pytest.mark.parametrize('with_photo', [True, False], ids=['photo', 'depth'])
@pytest.mark.parametrize('name', ['bed', 'desk', 'shelf'])
def test_a_room_is_no_block(complete, capsys, name, with_photo):
    out = complete(name, with_photo)
    told = capsys.readouterr().out
    share = float(re.search(r'([\d.]+) % of the visible surface lies', told)[1])
    assert share > 90
    (volume,) = out.glob('*.npz')
    found = np.load(volume)
    occupied = (found['label'] > 0) & (found['label'] < 255)
    # where the network decides: in view, and not looked through by the sensor
    looked_through = (found['label'] == 0) & (found['confidence'] == 1)
    is_open = (found['label'] < 255) & ~looked_through
    assert 0.03 < occupied.sum() / is_open.sum() < 0.45  # 1 would be a solid block


# of a photo of 530 x 730 pixels, and of half its size
FULL, HALF = '529.5,529.5,365,265', '264.7,264.7,182.3,132.3'
PHOTO, DEPTH = 'sunrgbd_frame/000017.jpg', 'sunrgbd_frame/000017_depth.png'
SMALL, SMALL_DEPTH = 'user_inputs/photo_half.jpg', 'user_inputs/depth_half.png'


@pytest.fixture
def demo(monkeypatch, reference, tmp_path):
    """Run demo/ssc_demo.py on files of the reference; the status that it ends by."""

    def run(photo, depth, k, *options):
        files = [
            str(reference(name)) if '/' in name else name
            for name in (photo, depth, '--intrinsics', k, *options)
        ]
        try:
            call_tool(monkeypatch, '../demo/ssc_demo.py', *files, '--out-dir', tmp_path)
        except SystemExit as end:
            return end.code
        return 0

    return run


@pytest.mark.long
@pytest.mark.parametrize(
    'photo, depth, k',
    [
        (PHOTO, DEPTH, 'user_inputs/01_K_column_major.txt'),
        (PHOTO, DEPTH, 'user_inputs/01_K_column_major.json'),
        (PHOTO, DEPTH, 'user_inputs/01_open3d_intrinsic.json'),
        (PHOTO, DEPTH, 'user_inputs/19_intrinsic_color_4x4.txt'),
        ('user_inputs/06_exif_orientation_3.jpg', DEPTH, FULL),
        (SMALL, 'user_inputs/03_depth_holes_65535.png', HALF),
    ],
)
def test_what_users_have_is_completed(demo, capsys, photo, depth, k):
    assert demo(photo, depth, k) == 0
    told = capsys.readouterr().out
    assert float(re.search(r'([\d.]+) % of the visible surface lies', told)[1]) > 90
    assert 1.15 < float(re.search(r'camera height ([\d.]+) m', told)[1]) < 1.25


@pytest.mark.long
@pytest.mark.parametrize(
    'photo, depth, k, options, message',
    [
        (SMALL, SMALL_DEPTH, FULL, (), 'K seems to be for about 530 x 7'),
        (PHOTO, DEPTH, HALF, (), 'K seems to be for about 265 x 3'),
        (PHOTO, 'user_inputs/04_depth_all_zero.png', FULL, (), 'nothing was measured'),
        (
            PHOTO,
            DEPTH,
            FULL,
            ('--pose', 'user_inputs/04_pose_minus_inf.txt'),
            'the pose is not finite',
        ),
        (PHOTO, 'user_inputs/11_appledouble_._f0.png', FULL, (), 'not a readable PNG'),
        (PHOTO, DEPTH, 'user_inputs/10_empty_list.json', (), 'has none of'),
    ],
)
def test_what_users_have_is_refused_in_one_line(
    demo, tmp_path, photo, depth, k, options, message
):
    status = demo(photo, depth, k, *options)
    assert status.startswith('error: ') and message in status and '\n' not in status
    assert not list(tmp_path.iterdir())


@pytest.mark.long
def test_a_table_from_near_is_no_room(complete):
    with pytest.raises(SystemExit) as end:
        complete('table', True)
    assert str(end.value.code).startswith('error: ') and '\n' not in end.value.code
    assert 'this is no room: 91% of what is measured is nearer' in end.value.code
