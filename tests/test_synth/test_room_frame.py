import cv2
import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.geometry.frame_volumes import sensor_volumes
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.tsdf import covered_label_weights
from cleaners.geometry.voxel_grid import downsample_labels
from cleaners.synth.room_frame import make_room_frame, make_room_view


@pytest.fixture(scope='module')
def frames():
    return [make_room_frame(7, index) for index in range(8)]


class TestMakeRoomFrame:
    def test_form(self, frames):
        for index, frame in enumerate(frames):
            assert frame.rgb.shape == (480, 640, 3)
            assert frame.rgb.dtype == np.uint8
            assert frame.depth_mm.shape == frame.cad_depth_mm.shape
            assert frame.depth_mm.dtype == np.uint16
            assert frame.labels.shape == (240, 144, 240)
            view = make_room_view(7, index)
            np.testing.assert_array_equal(view.cam2world, frame.view.cam2world)
            np.testing.assert_array_equal(view.voxel_origin, frame.view.voxel_origin)

    def test_same_seed_same_frame(self, frames):
        again = make_room_frame(7, 2)
        for name in ('rgb', 'depth_mm', 'cad_depth_mm', 'labels'):
            np.testing.assert_array_equal(
                getattr(again, name), getattr(frames[2], name)
            )
        other = make_room_frame(8, 2)
        assert (other.labels != again.labels).any()

    def test_sensor_is_noisy(self, frames):
        for frame in frames:
            hit = frame.cad_depth_mm < 8000
            holes = (frame.depth_mm[hit] == 0).mean()
            assert 0.02 < holes < 0.4
            both = hit & (frame.depth_mm > 0)
            error = np.abs(frame.depth_mm[both].astype(int) - frame.cad_depth_mm[both])
            assert 5 < np.median(error) < 80

    def test_visible_classes(self, frames):
        counts = []
        for frame in frames:
            hit = frame.cad_depth_mm < 8000
            voxels = map_pixels(frame.cad_depth_mm / 1000.0, frame.view)
            seen = np.bincount(frame.labels.ravel()[voxels[hit]])
            counts.append((seen[1:] > 200).sum())
        assert np.mean(counts) >= 8

    def test_supervision(self, frames):
        labels = set()
        for frame in frames:
            sensor = sensor_volumes(frame.depth_mm, frame.view, nyu.BLOCK)
            label = downsample_labels(
                frame.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
            )
            weight = (
                covered_label_weights(
                    label, sensor.tsdf, sensor.outside, nyu.IGNORE_INDEX
                )
                > 0
            )
            labels |= set(np.unique(label[weight]))
            hidden = sensor.mapping == 480 * 640
            hidden &= (weight & (label > 0)).ravel()
            furniture = hidden & (label.ravel() >= 5)
            assert hidden.sum() > 1000
            assert furniture.sum() > 200
        assert labels == set(range(12))


def test_the_room_of_the_demo_is_made_so(repo_root):
    room = make_room_frame(0, 5004)
    folder = repo_root / 'demo/room'
    depth = cv2.imread(str(folder / 'room_depth.png'), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(depth, room.depth_mm)
    photo = cv2.imread(str(folder / 'room.jpg'))[..., ::-1]
    # as a jpeg keeps it
    assert np.abs(photo.astype(int) - room.rgb).mean() < 4
    np.testing.assert_allclose(
        np.loadtxt(folder / 'intrinsics.txt'), room.view.intrinsics.cam2img
    )
