"""What the scene page draws and tells, in Chromium, from a file, without a network."""

import numpy as np
import pytest
from browser_page import CEILING, CHAIR, FLOOR, WALL
from scene_samples import METAINFO, ORIGIN, SHAPE

from cleaners.geometry.raycast import cast_rays
from cleaners.visualization.scene_page import write_scene_page
from cleaners.visualization.voxel_mesh import build_voxel_mesh

pytestmark = pytest.mark.browser


def drawn(label, *hidden):
    return ~np.isin(label, (0, 255, *hidden))


def num_faces(label, shown):
    return len(build_voxel_mesh(label, shown).faces)


def test_starts_with_what_there_is(page, view):
    assert page.ask('scene.views') == [
        'surface',
        'prediction',
        'truth',
        'error',
        'confidence',
    ]
    assert page.ask('scene.view') == 'prediction'
    assert page.ask('scene.visibleClasses') == [FLOOR, WALL, CHAIR]
    assert page.ask('scene.faceCount') == num_faces(
        view.prediction, drawn(view.prediction, CEILING)
    )


def test_picks_what_the_rays_of_the_reference_hit(page, view):
    points = page.points()
    _, voxels = page.pick(points)
    expected, _, _, _ = cast_rays(drawn(view.prediction, CEILING), *page.rays(points))
    flat = np.where(voxels[:, 0] < 0, -1, (voxels @ [SHAPE[1] * SHAPE[2], SHAPE[2], 1]))
    assert 300 < (flat >= 0).sum() < len(points) - 300
    np.testing.assert_array_equal(flat, expected)


def test_draws_what_it_picks(new_page, tmp_path, view):
    """Colours of the picture tell the classes, but for the lines."""
    plain = view._replace(cam2world=None, unseen=None)
    write_scene_page(tmp_path / 'plain.html', plain, METAINFO, 'plain')
    page = new_page(tmp_path / 'plain.html')
    points = page.points()
    labels, _ = page.pick(points)
    picture = page.picture()
    pixels = picture[points[:, 1] - 60, points[:, 0]].astype(float)
    paper = np.abs(pixels - picture[0, 0]).sum(axis=1) < 6
    assert (paper == (labels < 0)).mean() > 0.98
    # the shade changes the length of a colour only
    palette = np.array(METAINFO['palette'][2:], float)
    palette /= np.linalg.norm(palette, axis=1, keepdims=True)
    pixels /= np.linalg.norm(pixels, axis=1, keepdims=True)
    seen = 2 + np.argmax(pixels @ palette.T, axis=1)
    assert (seen == labels)[labels > 0].mean() > 0.98


def test_legend_hides_and_shows_a_class(page, view):
    before = page.picture()
    points = page.points()
    labels, _ = page.pick(points)
    button = page.page.locator('#classes button', has_text='floor')
    assert button.get_attribute('aria-pressed') == 'true'
    button.click()
    assert button.get_attribute('aria-pressed') == 'false'
    assert page.ask('scene.visibleClasses') == [WALL, CHAIR]
    assert page.ask('scene.faceCount') == num_faces(
        view.prediction, drawn(view.prediction, CEILING, FLOOR)
    )
    changed = np.abs(page.picture() - before).sum(axis=2) > 12
    changed = changed[points[:, 1] - 60, points[:, 0]]
    assert changed[labels == FLOOR].mean() > 0.9
    assert changed[labels == -1].mean() < 0.02
    button.click()
    np.testing.assert_array_equal(page.picture(), before)


def test_legend_shows_one_class_only(page):
    page.page.locator('#classes button', has_text='chair').dblclick()
    assert page.ask('scene.visibleClasses') == [CHAIR]
    page.page.locator('#classes button', has_text='wall').press('Shift+Enter')
    assert page.ask('scene.visibleClasses') == [WALL]
    page.press('Show all classes')
    assert page.ask('scene.visibleClasses') == [CEILING, FLOOR, WALL, CHAIR]
    page.press('Hide all classes')
    assert page.ask('scene.faceCount') == 0


def test_tells_about_the_voxel_under_the_pointer(page, view):
    readout = page.page.locator('#readout')
    points = page.points(23)
    labels, _ = page.pick(points)
    expected, _, _, _ = cast_rays(drawn(view.prediction, CEILING), *page.rays(points))
    for label in (FLOOR, WALL, CHAIR):
        n = np.flatnonzero(labels == label)[0]
        page.page.mouse.move(*points[n].tolist())
        i, j, k = np.unravel_index(expected[n], SHAPE)
        name = METAINFO['classes'][label]
        truth = METAINFO['classes'][view.truth[i, j, k]]
        x, y, z = np.add(ORIGIN, 0.08 * np.array([i + 0.5, k + 0.5, j + 0.5]))
        lines = [
            name,
            f'predicted {name}, truth {truth}',
            f'confidence {round(100 * float(view.confidence[i, j, k]))} %',
            f'voxel {i}, {j}, {k}',
            f'X {x:.2f}, Y {y:.2f}, Z {z:.2f} m',
        ]
        if view.unseen[i, j, k]:
            lines.append('not seen by the sensor')
        assert readout.inner_text().splitlines() == lines
    page.page.mouse.move(*points[np.flatnonzero(labels == -1)[0]].tolist())
    assert readout.is_hidden()


def test_sliders_cut(page, view):
    shown = drawn(view.prediction, CEILING)
    cuts = (('Sideways', 2, 3), ('Height', 1, 2), ('Depth', 4, 1))
    for axis, (name, low, high) in enumerate(cuts):
        for side, key, presses in (
            ('low', 'ArrowRight', low),
            ('high', 'ArrowLeft', high),
        ):
            page.page.get_by_label(f'{name}: cut from the {side}').focus()
            for _ in range(presses):
                page.page.keyboard.press(key)
        keep = np.zeros(SHAPE[axis], dtype=bool)
        keep[low : SHAPE[axis] - high] = True
        shown &= keep.reshape([-1 if n == axis else 1 for n in range(3)])
        assert page.ask('scene.cuts')[axis] == [low, SHAPE[axis] - high]
        assert page.ask('scene.faceCount') == num_faces(view.prediction, shown)
    page.press('Undo all cuts')
    assert page.ask('scene.cuts') == [[0, length] for length in SHAPE]


def test_cuts_leave_one_layer(page):
    slider = page.page.get_by_label('Height: cut from the low side')
    slider.focus()
    page.page.keyboard.press('End')
    assert page.ask('scene.cuts')[1] == [7, 8]
    # metres of the world, as the readout's
    low, high = (ORIGIN[2] + 0.08 * layer for layer in (7, 8))
    told = page.page.locator('#cuts .row span:last-child').all_inner_texts()
    assert told[1] == f'{low:.2f} – {high:.2f} m'
    assert slider.get_attribute('aria-valuetext') == f'from {low:.2f} metres'


def test_views_and_their_kinds(page, view):
    truth, found = view.truth, view.prediction
    solid = (truth > 0) & (truth < 255)
    counts = {
        'right': (solid & (truth == found)).sum(),
        'wrong class': (solid & (found > 0) & (truth != found)).sum(),
        'missed': (solid & (found == 0)).sum(),
        'too much': ((truth == 0) & drawn(found)).sum(),
    }
    page.press('Error')
    rows = page.page.locator('#kinds button').all_inner_texts()
    assert [row.split('\n') for row in rows] == [
        [name, str(count)] for name, count in counts.items()
    ]
    assert min(counts.values()) > 0
    page.page.locator('#kinds button', has_text='right').click()
    wrong = (truth != found) & (truth != 255) & (found != 255)
    assert page.ask('scene.faceCount') == num_faces(truth, wrong)

    page.press('Input surface')
    label = np.where(found > 0, found, truth)
    assert page.ask('scene.faceCount') == num_faces(
        label, view.surface & (label != CEILING)
    )

    page.press('Confidence')
    percent = np.rint(100 * view.confidence)[drawn(found)]
    rows = page.page.locator('#kinds button').all_inner_texts()
    bins = np.histogram(percent, [0, 50, 60, 70, 80, 90, 101])[0]
    assert [int(row.split('\n')[1]) for row in rows] == bins.tolist()
