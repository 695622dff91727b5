import numpy as np

from cleaners.synth.pose import make_view, sample_view


def test_axes():
    # level, turned to the left by 90 degrees: looks along -X
    view = make_view(1.5, 0.0, 90.0)
    np.testing.assert_allclose(
        view.cam2world[:3], [[0, 0, -1, 0], [1, 0, 0, 0], [0, -1, 0, 1.5]], atol=1e-7
    )
    np.testing.assert_allclose(view.voxel_origin, [-3.4 - 2.4, -2.4, -0.05], atol=1e-6)


def test_pitch_looks_down():
    forward = make_view(1.5, 30.0).cam2world[:3, 2]
    np.testing.assert_allclose(forward, [0, 0.75**0.5, -0.5], atol=1e-7)


def test_roll_turns_content_clockwise():
    # a point to the right (u > cx) moves down (v > cy)
    rotation = make_view(1.5, 0.0, roll=10.0).cam2world[:3, :3]
    point = rotation.T @ [1.0, 0.0, 0.0]
    assert point[0] > 0 and point[1] > 0


def test_origin_follows_the_rule_of_nyu(nyu_frame_dir):
    with np.load(nyu_frame_dir / 'reference.npz') as file:
        pose, origin = file['pose'].astype(float), file['origin']
    right, forward = pose[:3, 0], pose[:3, 2]
    pitch = np.rad2deg(-np.arcsin(forward[2]))
    yaw = np.rad2deg(np.arctan2(-forward[0], forward[1]))
    roll = np.rad2deg(np.arctan2(right[2], -pose[2, 1]))
    view = make_view(pose[2, 3], pitch, yaw, roll)
    np.testing.assert_allclose(view.cam2world, pose, atol=1e-6)
    np.testing.assert_allclose(view.voxel_origin, origin, atol=1e-6)


def test_sample_is_a_pose():
    for seed in range(20):
        view = sample_view(np.random.default_rng(seed))
        rotation = view.cam2world[:3, :3]
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-6)
        assert np.linalg.det(rotation) > 0
        assert 1.2 <= view.cam2world[2, 3] <= 1.6
        assert -0.35 < view.cam2world[2, 2] < -0.08
