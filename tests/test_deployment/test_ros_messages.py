"""Messages, decoded again and held against plain loops."""

import struct

import numpy as np
import pytest

from cleaners.deployment.ros_messages import (
    Header,
    camera_intrinsics,
    class_markers,
    occupancy_slice,
    point_cloud,
    room_transform,
)
from cleaners.utils.errors import InputError
from cleaners.visualization.voxel_points import collect_points

HEADER = Header('room', 12, 345)
HEADER_FIELDS = dict(stamp=dict(sec=12, nanosec=345), frame_id='room')
ORIGIN, SIZE = (-2.0, 1.0, -0.05), 0.1
CLASSES = ('empty', 'floor', 'wall', 'chair')
PALETTE = ((0, 0, 0), (255, 0, 51), (0, 102, 255), (1, 2, 3))


@pytest.fixture(scope='module')
def scene():
    """Labels without the class 'wall', and confidences."""
    rng = np.random.default_rng(0)
    label = rng.choice([0, 1, 3, 255], (4, 5, 6), p=[0.6, 0.1, 0.1, 0.2])
    return label, rng.random(label.shape).astype(np.float32)


@pytest.fixture(scope='module')
def points(scene):
    return collect_points(*scene, SIZE, ORIGIN)


def test_intrinsics_are_those_of_the_rectified_image():
    k = [500.0, 0.0, 320.0, 0.0, 501.0, 240.0, 0.0, 0.0, 1.0]
    shifted = [400.0, 0.0, 300.0, -30.0, 0.0, 401.0, 200.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    assert camera_intrinsics(shifted, k) == [[400, 0, 300], [0, 401, 200], [0, 0, 1]]
    assert camera_intrinsics([0.0] * 12, k) == [k[:3], k[3:6], k[6:]]


def slow_points(label, confidence):
    """(x, y, z, label, confidence), voxel by voxel."""
    for i, j, k in np.ndindex(label.shape):
        if label[i, j, k] not in (0, 255):
            yield (
                ORIGIN[0] + SIZE * (i + 0.5),
                ORIGIN[1] + SIZE * (k + 0.5),
                ORIGIN[2] + SIZE * (j + 0.5),
                label[i, j, k],
                confidence[i, j, k],
            )


def test_cloud_decoded_field_by_field(scene, points):
    cloud = point_cloud(points, HEADER)
    expected = list(slow_points(*scene))
    assert cloud['header'] == HEADER_FIELDS
    assert (cloud['height'], cloud['width']) == (1, len(expected))
    assert cloud['row_step'] == cloud['width'] * cloud['point_step']
    assert len(cloud['data']) == cloud['row_step']
    order = '>' if cloud['is_bigendian'] else '<'
    codes = {2: 'B', 7: 'f'}  # of sensor_msgs/PointField
    names = [field['name'] for field in cloud['fields']]
    assert names == ['x', 'y', 'z', 'label', 'confidence']
    for index, point in enumerate(expected):
        for field, value in zip(cloud['fields'], point):
            assert field['count'] == 1
            (found,) = struct.unpack_from(
                order + codes[field['datatype']],
                cloud['data'],
                index * cloud['point_step'] + field['offset'],
            )
            assert found == pytest.approx(value, abs=1e-6)


def test_no_point_gives_an_empty_cloud():
    points = collect_points(np.zeros((2, 2, 2), int))
    cloud = point_cloud(points, HEADER)
    assert (cloud['width'], cloud['row_step'], cloud['data']) == (0, 0, b'')


def test_cubes_of_each_class(scene, points):
    array = class_markers(points, HEADER, CLASSES, PALETTE, SIZE)
    floor, wall, chair = array['markers']
    assert [m['ns'] for m in (floor, wall, chair)] == list(CLASSES[1:])
    assert [m['id'] for m in (floor, wall, chair)] == [1, 2, 3]
    # ADD, DELETE: there is no wall
    assert [m['action'] for m in (floor, wall, chair)] == [0, 2, 0]
    assert all(m['type'] == 6 for m in (floor, wall, chair))  # CUBE_LIST
    assert floor['scale'] == dict(x=SIZE, y=SIZE, z=SIZE)
    assert floor['color'] == pytest.approx(dict(r=1.0, g=0.0, b=0.2, a=1.0))
    assert floor['pose']['orientation'] == dict(x=0.0, y=0.0, z=0.0, w=1.0)
    for marker in (floor, wall, chair):
        found = [tuple(point.values()) for point in marker['points']]
        expected = [
            point[:3] for point in slow_points(*scene) if point[3] == marker['id']
        ]
        assert len(found) == len(expected)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_label_without_name_is_refused(points):
    with pytest.raises(ValueError, match='label 3 has no name among 3'):
        class_markers(points, HEADER, CLASSES[:3], PALETTE[:3])
    with pytest.raises(ValueError, match='4 classes need as many colours'):
        class_markers(points, HEADER, CLASSES, PALETTE[:3])


def test_slice_against_a_loop(scene):
    label, _ = scene
    # middles at 0, 0.1, 0.2, 0.3, 0.4 m
    grid = occupancy_slice(label, HEADER, 0.15, 0.35, SIZE, ORIGIN)
    info = grid['info']
    assert (info['width'], info['height']) == (4, 6)
    assert info['resolution'] == SIZE
    assert info['origin']['position'] == dict(x=-2.0, y=1.0, z=0.0)
    assert info['map_load_time'] == dict(sec=12, nanosec=345)
    assert set(grid['data']) == {-1, 0, 100}
    for i in range(4):
        for k in range(6):
            column = [label[i, j, k] for j in (2, 3)]
            expected = 100 if {1, 3} & set(column) else (-1 if 255 in column else 0)
            # row-major: x runs fastest
            assert grid['data'][k * info['width'] + i] == expected


def test_a_slice_takes_what_has_its_middle_there():
    label = np.zeros((1, 3, 1), int)
    label[0, 1, 0] = 1  # from 1 to 2 m, middle at 1.5
    for low, high, expected in [
        (1.5, 1.6, 100),
        (1.0, 1.6, 100),
        (0.0, 1.5, 0),
        (1.6, 3.0, 0),
    ]:
        grid = occupancy_slice(label, HEADER, low, high, voxel_size=1.0)
        assert grid['data'] == [expected]
    with pytest.raises(InputError, match='between 3 and 9 m: they span 0.50'):
        occupancy_slice(label, HEADER, 3, 9, voxel_size=1.0)


def test_room_hangs_below_the_camera():
    """A level camera at 1.3 m that looks along world Y."""
    cam2world = np.array(
        [[1, 0, 0, 0], [0, 0, 1, 0.5], [0, -1, 0, 1.3], [0, 0, 0, 1.0]]
    )
    message = room_transform(cam2world, Header('camera_optical'), 'room')
    assert message['header']['frame_id'] == 'camera_optical'
    assert message['child_frame_id'] == 'room'
    moved = message['transform']
    x, y, z, w = moved['rotation'].values()
    # textbook formula: v + 2 q x (q x v + w v)
    axis = np.array([x, y, z])
    for world in np.array([[0, 0, 0], [1, 2, 3.0], [-1, 0.5, 1.3]]):
        turned = world + 2 * np.cross(axis, np.cross(axis, world) + w * world)
        camera = turned + list(moved['translation'].values())
        np.testing.assert_allclose(cam2world @ [*camera, 1], [*world, 1], atol=1e-12)
