import json

import cv2
import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.fileio.depth_file import read_depth_png
from cleaners.fileio.nyu_bin import read_nyu_header
from cleaners.geometry.camera import Intrinsics, pixel_rays
from cleaners.geometry.pose import (check_gravity, check_pose,
                                    estimate_gravity, estimate_heading,
                                    estimate_view, face_forward, place_box)
from cleaners.synth.pose import make_view
from cleaners.synth.room_frame import make_room_frame

CAMERA = Intrinsics(260., 260., 160., 120.)
IMG_SIZE = (240, 320)


def angle(one, other):
    """Degrees between two rotations."""
    cosine = (np.trace(one.T @ other) - 1) / 2
    return np.rad2deg(np.arccos(np.clip(cosine, -1, 1)))


def room_depth(view, half_width=2., length=4., height=2.6):
    """Depth of an empty room of flat walls, by intersection with planes."""
    rays = pixel_rays(CAMERA, IMG_SIZE) @ view.cam2world[:3, :3].T
    start = view.cam2world[:3, 3]
    low = np.array([-half_width, -1., 0.])
    high = np.array([half_width, length, height])
    rays[rays == 0] = 1e-12
    exits = np.where(rays > 0, high - start, low - start) / rays
    return exits.min(axis=1).reshape(IMG_SIZE)


@pytest.mark.parametrize('height,pitch,yaw,roll', [
    (1.3, 12., 0., 0.),
    (1.6, 25., 20., -8.),
    (0.9, 4., -30., 5.),
])
def test_an_empty_room_gives_its_exact_pose(height, pitch, yaw, roll):
    truth = make_view(height, pitch, yaw, roll)
    found = estimate_view(room_depth(truth), CAMERA, nyu.FINE_GRID)
    assert angle(found.cam2world[:3, :3], truth.cam2world[:3, :3]) < .2
    assert found.cam2world[2, 3] == pytest.approx(height, abs=.01)
    np.testing.assert_allclose(
        found.voxel_origin, truth.voxel_origin, atol=.02)
    again = estimate_view(room_depth(truth), CAMERA, nyu.FINE_GRID)
    np.testing.assert_array_equal(found.cam2world, again.cam2world)


def test_what_the_user_knows_is_kept():
    truth = make_view(1.3, 30., 10.)
    gravity = -truth.cam2world[2, :3] * 9.81
    found = estimate_view(
        room_depth(truth),
        CAMERA,
        nyu.FINE_GRID,
        gravity=gravity,
        camera_height=1.7)
    assert found.cam2world[2, 3] == np.float32(1.7)
    np.testing.assert_allclose(
        found.cam2world[2, :3], truth.cam2world[2, :3], atol=1e-6)
    assert angle(found.cam2world[:3, :3], truth.cam2world[:3, :3]) < .5


def test_synthetic_sensor_frames():
    errors = []
    for index in range(4):
        frame = make_room_frame(3, index)
        truth = frame.view.cam2world
        found = estimate_view(frame.depth_mm / 1000., nyu.INTRINSICS,
                              nyu.FINE_GRID).cam2world
        errors.append([
            angle(found[:3, :3], truth[:3, :3]),
            abs(found[2, 3] - truth[2, 3])
        ])
    assert np.max(errors, axis=0)[0] < 3
    assert np.max(errors, axis=0)[1] < .1


def test_nyu_frame_beats_the_corrected_rule(nyu_frame_dir):
    origin, truth = read_nyu_header(nyu_frame_dir / 'NYU0003_0000.bin')
    truth = truth.astype(np.float64)
    # the origin of the release follows from its pose
    np.testing.assert_allclose(
        place_box(truth, nyu.INTRINSICS, nyu.FINE_GRID).voxel_origin,
        origin,
        atol=1e-6)
    depth = read_depth_png(nyu_frame_dir / 'NYU0003_0000.png') / 1000.
    view = estimate_view(depth, nyu.INTRINSICS, nyu.FINE_GRID)
    found = view.cam2world
    assert angle(found[:3, :3], truth[:3, :3]) < .7  # the rule: 1.23
    gravity = np.rad2deg(np.arccos(found[2, :3] @ truth[2, :3]))
    assert gravity < .45  # the rule: 0.49
    assert abs(found[2, 3] - truth[2, 3]) < .18  # the rule: 0.34
    shift = np.linalg.norm((view.voxel_origin - origin)[:2])
    assert shift < .03  # the rule: 0.063


def test_sunrgbd_frame_beats_the_corrected_rule(reference_dir):
    folder = reference_dir / 'sunrgbd_frame'
    if not folder.is_dir():
        pytest.skip(f'no {folder}')
    camera = json.loads((folder / '000017_camera.json').read_text())
    k = np.array(camera['intrinsics'])
    depth = cv2.imread(str(folder / '000017_depth.png'), -1) / 1000.
    view = estimate_view(depth, Intrinsics(k[0, 0], k[1, 1], k[0, 2], k[1, 2]),
                         nyu.FINE_GRID)
    up = np.array(camera['world_to_camera_rotation'])[:, 2]
    error = np.rad2deg(np.arccos(view.cam2world[2, :3] @ up))
    assert error < 1.2  # the rule: 1.4
    # the floor that was found holds many points
    rays = pixel_rays(
        Intrinsics(k[0, 0], k[1, 1], k[0, 2], k[1, 2]), depth.shape)
    points = (rays * depth.reshape(-1, 1))[depth.ravel() > 0]
    height = points @ view.cam2world[2, :3] + view.cam2world[2, 3]
    assert (np.abs(height) < .04).mean() > .1
    assert (height < -.08).mean() < .01


def test_gravity_and_heading_of_known_normals():
    level = np.tile([0., -1., 0.], (300, 1))
    wall = np.tile([np.sin(.3), 0., -np.cos(.3)], (300, 1))
    normals = np.concatenate([level, wall])
    down = estimate_gravity(normals)
    np.testing.assert_allclose(down, [0, 1, 0], atol=1e-9)
    right, forward = estimate_heading(normals, down)
    np.testing.assert_allclose(
        forward, [-np.sin(.3), 0, np.cos(.3)], atol=1e-6)
    np.testing.assert_allclose(np.cross(right, down), forward, atol=1e-9)
    # without walls the optical axis leads
    right, forward = estimate_heading(level, down)
    np.testing.assert_allclose(forward, [0, 0, 1], atol=1e-9)


@pytest.mark.parametrize('quarters', range(4))
def test_face_forward(quarters):
    pose = make_view(1.2, 10., 30.).cam2world
    quarter = np.array([[0., -1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0],
                        [0, 0, 0, 1]])
    turned = np.linalg.matrix_power(quarter, quarters) @ pose
    np.testing.assert_allclose(face_forward(turned), pose, atol=1e-6)


@pytest.mark.parametrize('function,value,match', [
    (check_pose, np.eye(3), '4 x 4 finite'),
    (check_pose, np.diag([1., 1., -1., 1.]), 'a rotation and a translation'),
    (check_pose, np.full((4, 4), np.nan), '4 x 4 finite'),
    (check_gravity, [0, 0, 0], 'a direction of three numbers'),
    (check_gravity, [1, 0], 'a direction of three numbers'),
])
def test_refusals(function, value, match):
    with pytest.raises(ValueError, match=match):
        function(value)


def test_nothing_to_estimate_from():
    with pytest.raises(ValueError, match='too little surface'):
        estimate_view(np.zeros(IMG_SIZE), CAMERA, nyu.FINE_GRID)
    with pytest.raises(ValueError, match='camera_height should be positive'):
        estimate_view(
            room_depth(make_view(1., 10.)),
            CAMERA,
            nyu.FINE_GRID,
            camera_height=0.)
