"""The camera's view of the scene page, in Chromium."""

import numpy as np
import pytest
from browser_page import SETTLE
from scene_samples import METAINFO, ORIGIN, SHAPE

from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.voxel_grid import GridView, VoxelGrid
from cleaners.visualization.scene_page import write_scene_page

pytestmark = pytest.mark.browser


def test_takes_the_view_of_the_camera(page, view):
    """Each pixel of the photo lies on its ray."""
    page.press('Camera’s view')
    width, height = page.frame['width'], page.frame['height']
    scale = min(width / 64, height / 48)
    pixels = np.stack(np.meshgrid(np.arange(64), np.arange(48)), axis=-1)
    centre = (pixels.reshape(-1, 2) + 0.5 - [32, 24]) * scale
    origins, directions = page.rays(centre + [width / 2, height / 2])
    camera = GridView(view.cam2world, ORIGIN, view.intrinsics, VoxelGrid(SHAPE, 0.08))
    origin, expected = camera.rays((48, 64))
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    # a perspective camera's ray may start anywhere along it
    away = origins - origin
    across = away - (away * expected).sum(axis=1, keepdims=True) * expected
    assert np.abs(across).max() < 1e-4
    assert np.abs(directions - expected).max() < 1e-4


def test_a_press_does_not_leave_the_view_of_the_camera(page):
    page.press('Camera’s view')
    blend = page.page.locator('#blend input')
    page.page.mouse.click(300, 300)
    assert blend.is_visible()
    assert page.page.locator('#readout').is_visible()
    page.page.mouse.move(300, 300)
    page.page.mouse.down()
    page.page.mouse.move(330, 310)
    page.page.mouse.up()
    assert blend.is_hidden()


def test_photo_lies_over_the_view_of_the_camera(page, view):
    """In the photo's colours, where its pixels are."""
    blend = page.page.locator('#blend input')
    assert blend.is_hidden()
    page.press('Camera’s view')
    blend.focus()
    page.page.keyboard.press('End')
    width, height = page.frame['width'], page.frame['height']
    scale = min(width / 64, height / 48)
    pixels = np.stack(np.meshgrid(np.arange(2, 62), np.arange(9, 46)), axis=-1)
    spots = (pixels + 0.5 - [32, 24]) * scale + [width / 2, height / 2]
    columns, rows = np.moveaxis(spots.astype(int), -1, 0)
    error = np.abs(page.picture()[rows - 60, columns] - view.photo[9:46, 2:62])
    # JPEG keeps brightness better than colour
    assert error.mean() < 4
    page.press('Whole room')
    assert blend.is_hidden() and page.page.locator('#overlay').is_hidden()


def test_the_blend_stays_when_the_window_changes(page):
    blend = page.page.locator('#blend input')
    assert page.page.locator('#blend').text_content().strip() == 'Photo'
    page.press('Camera’s view')
    blend.focus()
    page.page.keyboard.press('End')
    size = page.page.viewport_size
    page.page.set_viewport_size(dict(size, height=size['height'] - 40))
    page.page.evaluate(SETTLE)
    assert blend.input_value() == '100'
    assert page.page.locator('#overlay').is_visible()
    page.page.set_viewport_size(size)
    page.page.evaluate(SETTLE)
    page.press('Whole room')


def test_without_photo_the_depth_lies_over_the_view(new_page, view, tmp_path):
    write_scene_page(tmp_path / 'depth.html', view._replace(photo=None), METAINFO, 'x')
    page = new_page(tmp_path / 'depth.html')
    page.press('Camera’s view')
    assert page.page.locator('#blend').text_content().strip() == 'Depth'
    assert page.page.locator('#overlay').get_attribute('alt').startswith('Depth')


def test_odd_camera_without_photo(new_page, tmp_path, view):
    """A principal point off the middle, wider than high."""
    odd = view._replace(
        photo=None,
        depth=np.zeros((20, 70, 3), np.uint8),
        intrinsics=Intrinsics(50.0, 55.0, 30.0, 12.0),
    )
    write_scene_page(tmp_path / 'odd.html', odd, METAINFO, 'odd')
    page = new_page(tmp_path / 'odd.html')
    page.press('Camera’s view')
    ray = np.linalg.inv(view.cam2world[:3, :3])
    # the principal ray is that of the pixel at (cx, cy); and two of the corners
    pixels = np.array([[30, 12], [0, 0], [69, 19]])
    size = np.array([page.frame['width'], page.frame['height']])
    scale = min(size / [70, 20])
    directions = page.rays(size / 2 + (pixels + 0.5 - [35, 10]) * scale)[1]
    expected = np.c_[(pixels - [30, 12]) / [50, 55], np.ones(3)]
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(directions[:, [0, 2, 1]] @ ray.T, expected, atol=1e-4)
