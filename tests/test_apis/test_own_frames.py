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
def complete(monkeypatch, reference_dir, tmp_path):
    """Run demo/ssc_demo.py on a frame, with its photo or without."""

    def run(name, with_photo):
        photo, depth, options = FRAMES[name]
        photo = reference_dir / photo if with_photo else '-'
        options = [
            str(reference_dir / o) if (reference_dir / o).is_file() else o
            for o in options
        ]
        arguments = photo, reference_dir / depth, *options, '--out-dir', tmp_path
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


@pytest.mark.long
def test_a_table_from_near_is_no_room(complete):
    with pytest.raises(SystemExit) as end:
        complete('table', True)
    assert str(end.value.code).startswith('error: ') and '\n' not in end.value.code
