import itertools

import numpy as np
import pytest

from cleaners.visualization.voxel_render import (
    View,
    fit_view,
    render_together,
    render_voxels,
)

PALETTE = np.array(
    [(20, 190, 200), (210, 40, 40), (40, 160, 0), (160, 220, 230), (200, 100, 50)]
)
FRONT = 0.88
WHITE = 255
# empty, ceiling, ignored
SKIP = (0, 1, 255)


def shown(picture):
    """Rows and columns (top, bottom, left, right) that are not white."""
    rows, columns = np.nonzero((picture != WHITE).any(axis=-1))
    return rows.min(), rows.max(), columns.min(), columns.max()


class TestRenderVoxels:
    def test_one_voxel_lands_on_its_pixels(self):
        label = np.zeros((5, 6, 7), dtype=np.uint8)
        label[3, 1, 4] = 4
        view = View(eye=(2.5, 3.0, -6.0), forward=(0, 0, 1), fov=60)
        picture = render_voxels(label, PALETTE, (120, 160), view, SKIP)

        assert picture.shape == (120, 160, 3) and picture.dtype == np.uint8
        # focal length 60 / tan(30 deg); front face: 0.5 to 1.5 to the right
        # and 1 to 2 below the axis at depth 10, back edges at depth 11
        focal = 103.923
        left, right = 80 + focal * 0.5 / 11, 80 + focal * 1.5 / 10
        top, bottom = 60 + focal * 1.0 / 11, 60 + focal * 2.0 / 10
        np.testing.assert_allclose(shown(picture), (top, bottom, left, right), atol=1)
        row, column = int(60 + focal * 0.15), int(80 + focal * 0.1)
        np.testing.assert_array_equal(picture[row, column], np.rint(PALETTE[4] * FRONT))

    def test_turned_camera_against_a_hand_made_rotation(self):
        label = np.zeros((9, 8, 7), dtype=np.uint8)
        label[6, 5, 3] = 4
        yaw, pitch = np.radians((30, 20))
        forward = (
            -np.sin(yaw) * np.cos(pitch),
            -np.sin(pitch),
            np.cos(yaw) * np.cos(pitch),
        )
        eye = np.array((9.0, 9.0, -8.0))
        view = View(eye, forward, 50)
        picture = render_voxels(label, PALETTE, (200, 200), view, SKIP)

        x, y, z = np.array((6.5, 5.5, 3.5)) - eye
        # undo the turn to the left about the height, then the look down
        x, z = (x * np.cos(yaw) + z * np.sin(yaw), z * np.cos(yaw) - x * np.sin(yaw))
        y, z = (
            y * np.cos(pitch) + z * np.sin(pitch),
            z * np.cos(pitch) - y * np.sin(pitch),
        )
        focal = 100 / np.tan(np.radians(25))
        expected = (100 - focal * y / z, 100 + focal * x / z)
        rows, columns = np.nonzero((picture != WHITE).any(axis=-1))
        np.testing.assert_allclose((rows.mean(), columns.mean()), expected, atol=1.5)

    def test_sideways_is_right_and_height_is_up(self):
        label = np.zeros((9, 5, 4), dtype=np.uint8)
        label[0, 0, 0], label[8, 0, 0], label[0, 4, 0] = 2, 4, 3
        view = View(eye=(4.5, 2.5, -12), forward=(0, 0, 1), fov=40)
        picture = render_voxels(label, PALETTE, (80, 120), view, SKIP).astype(int)

        def centre(index):
            colour = np.rint(PALETTE[index] * FRONT)
            return np.argwhere((picture == colour).all(axis=-1)).mean(axis=0)

        assert centre(2)[0] > 40 and centre(2)[1] < 60
        assert centre(4)[0] > 40 and centre(4)[1] > 60
        assert centre(3)[0] < 40 and centre(3)[1] < 60

    def test_a_skipped_class_is_not_there(self):
        label = np.zeros((6, 5, 6), dtype=np.uint8)
        label[:, 0] = 2
        without = label.copy()
        label[:, 4] = 1
        above = View(eye=(3.5, 14, 3.5), forward=(0, -1, 1e-6), fov=40)

        picture = render_voxels(label, PALETTE, (60, 80), above, SKIP)
        np.testing.assert_array_equal(
            picture, render_voxels(without, PALETTE, (60, 80), above, SKIP)
        )
        assert (picture[30, 40] == PALETTE[2]).all()

        picture = render_voxels(label, PALETTE, (60, 80), above, (0, 255))
        assert (picture[30, 40] == PALETTE[1]).all()
        assert not (picture == PALETTE[2]).all(axis=-1).any()

    def test_nothing_to_draw_is_white(self):
        label = np.array([0, 1, 255], dtype=np.uint8).reshape(3, 1, 1)
        (picture,) = render_together([label], PALETTE, (33, 47), SKIP)
        assert picture.shape == (33, 47, 3)
        assert (picture == WHITE).all()

    def test_lines_are_darker_between_classes(self):
        label = np.full((3, 1, 1), 2, dtype=np.uint8)
        label[2] = 4
        view = View(eye=(1.5, 0.5, -2.0), forward=(0, 0, 1), fov=40)
        row = render_voxels(label, PALETTE, (60, 120), view, SKIP)[30].sum(axis=-1)
        # focal length 82.4, depth 2: borders at 60 -+ 20.6
        same, different = row[38:41].min(), row[79:82].min()
        plain = row[50]
        assert plain == np.rint(PALETTE[2] * FRONT).sum()
        assert 0.8 * plain < same < plain
        assert different < 0.5 * plain

    def test_corners_are_darker(self):
        label = np.zeros((8, 4, 8), dtype=np.uint8)
        label[:, 0] = 2
        label[0, 1:] = 3
        view = View(eye=(4, 12, 4), forward=(0, -1, 1e-6), fov=40)
        picture = render_voxels(label, PALETTE, (200, 200), view, SKIP)
        # focal length 274.7, floor at depth 11: voxels are 25 pixels wide;
        # 1/4 voxel from the wall, where 2 of 3 voxels stand at each corner
        green = picture[100 + 12, :, 1].astype(int)
        at_wall, away = green[100 - int(25 * 2.75)], green[112]
        assert away == PALETTE[2, 1]
        np.testing.assert_allclose(at_wall, away * (1 - 0.42 * 0.75 * 2 / 3), atol=3)

    def test_refuses_a_label_without_colour(self):
        with pytest.raises(ValueError, match=r'labels \[5\] have no colour'):
            render_together([np.full((2, 2, 2), 5)], PALETTE, (60, 80), SKIP)


class TestFitView:
    @pytest.mark.parametrize('size', [(480, 640), (300, 200)])
    def test_fills_the_picture(self, size):
        drawn = np.zeros((20, 10, 30), dtype=bool)
        drawn[3:18, 0, 5:25] = True
        drawn[3, :7, 5] = True
        picture = render_voxels(
            drawn.astype(np.uint8) * 2, PALETTE, size, fit_view(drawn, size), SKIP
        )
        top, bottom, left, right = shown(picture)
        margins = (
            top / size[0],
            1 - bottom / size[0],
            left / size[1],
            1 - right / size[1],
        )
        assert min(margins) > 0.02
        full = [max(margins[:2]), max(margins[2:])]
        assert min(full) < 0.045

    def test_looks_into_the_room_from_above(self):
        view = fit_view(np.ones((10, 6, 10), dtype=bool), (60, 80))
        assert view.eye[2] < 0 and view.eye[1] > 6
        assert view.forward[2] > 0.5 and view.forward[1] < -0.3

    def test_together_in_the_view_of_all(self):
        labels = np.zeros((2, 6, 5, 6), dtype=np.uint8)
        labels[0, 2:4, :3, 1:], labels[1, 5, 0] = 3, 2
        labels[:, :, 4] = 1
        view = fit_view((labels > 1).any(axis=0), (60, 80))
        np.testing.assert_array_equal(
            render_together(labels, PALETTE, (60, 80), SKIP),
            [render_voxels(label, PALETTE, (60, 80), view, SKIP) for label in labels],
        )

    def test_single_voxel_is_seen_whole(self):
        drawn = np.zeros((4, 4, 4), dtype=bool)
        drawn[1, 2, 3] = True
        view = fit_view(drawn, (100, 100))
        forward = np.array(view.forward)
        right = np.array((forward[2], 0, -forward[0]))
        right /= np.linalg.norm(right)
        for corner in itertools.product((1, 2), (2, 3), (3, 4)):
            offset = np.array(corner) - view.eye
            depth = offset @ forward
            assert depth > 0
            limit = np.tan(np.radians(view.fov / 2)) * depth
            assert abs(offset @ right) < limit
            up = offset - depth * forward - (offset @ right) * right
            assert np.linalg.norm(up) < limit
