"""The scene page as a page, in Chromium: keys, names, sizes, what is missing."""

import re

import cv2
import numpy as np
import pytest
from browser_page import SETTLE, WALL, Page
from scene_samples import METAINFO

from cleaners.geometry.camera import Intrinsics
from cleaners.visualization.scene_index import IndexEntry, write_scene_index
from cleaners.visualization.scene_page import write_scene_page
from cleaners.visualization.scene_view import SceneView

pytestmark = pytest.mark.browser


def test_keys_move_the_view(page):
    middle = np.array([[page.frame['width'] / 2, page.frame['height'] / 2]])
    _, before = page.rays(middle)
    page.page.locator('#scene').focus()
    page.page.keyboard.press('ArrowRight')
    _, turned = page.rays(middle)
    # a 24th of half a turn about the vertical, from above by 32 degrees
    angle = np.arctan2(turned[:, 2], turned[:, 0]) - np.arctan2(
        before[:, 2], before[:, 0]
    )
    np.testing.assert_allclose(np.abs(angle), np.pi / 24, rtol=1e-6)
    page.page.keyboard.press('r')
    np.testing.assert_allclose(page.rays(middle)[1], before, atol=1e-12)
    page.page.keyboard.press('3')
    assert page.ask('scene.view') == 'truth'
    spoken = page.page.locator('#announcement')
    assert spoken.text_content() == ''
    page.page.keyboard.press('Enter')
    _, voxel = page.pick(middle)
    text = page.page.locator('#readout').inner_text()
    assert f'voxel {", ".join(map(str, voxel[0]))}' in text
    assert spoken.text_content() == '. '.join(text.splitlines())
    page.press('Hide all classes')
    page.page.locator('#scene').press('Enter')
    assert spoken.text_content() == 'Nothing is there.'


@pytest.mark.parametrize('key, up', [('ArrowRight', 0), ('ArrowUp', 1)])
def test_keys_with_shift_move_across(page, key, up):
    middle = np.array([[page.frame['width'] / 2, page.frame['height'] / 2]])
    before, ahead = page.rays(middle)
    page.page.locator('#scene').focus()
    page.page.keyboard.press(f'Shift+{key}')
    after, still_ahead = page.rays(middle)
    np.testing.assert_allclose(still_ahead, ahead, atol=1e-9)
    moved = (after - before)[0]
    assert np.linalg.norm(moved) > 0.1
    assert moved @ ahead[0] == pytest.approx(0, abs=1e-9)
    # sideways is level
    assert (moved[1] > 0.1) if up else moved[1] == pytest.approx(0, abs=1e-9)


def test_saves_the_picture(page, tmp_path):
    shown = page.picture()
    with page.page.expect_download() as download:
        page.press('Save picture')
    assert download.value.suggested_filename == 'A_room.png'
    download.value.save_as(tmp_path / 'saved.png')
    saved = cv2.imread(str(tmp_path / 'saved.png'))[60:, :, ::-1]
    np.testing.assert_array_equal(saved, shown)


def test_dark_and_light(new_page, path):
    page = new_page(path, color_scheme='dark')
    button = page.page.locator('#theme')
    assert page.picture()[0, 0].max() < 40
    assert button.get_attribute('aria-pressed') == 'true'
    button.click()
    assert page.picture()[0, 0].min() > 230
    assert button.get_attribute('aria-pressed') == 'false'


def test_everything_has_a_name(page):
    """Whatever takes the focus says what it is."""
    names = page.ask(
        '[...document.querySelectorAll("button, input, canvas, img")].map('
        '(item) => item.getAttribute("aria-label") || item.alt || '
        'item.querySelector("img")?.alt || '
        '(item.closest("label") || item).textContent.trim())'
    )
    assert len(names) > 20
    assert all(names)


def test_shared_library_hostile_text_and_little_data(new_page, tmp_path):
    """Text stays text; one voxel is a scene, too."""
    evil = '</script><img src=x onerror="window.hacked=1"><b>'
    label = np.zeros((5, 3, 4), np.uint8)
    label[4, 1, 2] = 2
    metainfo = dict(classes=('empty', 'ceiling', evil), palette=METAINFO['palette'][:3])
    write_scene_page(
        tmp_path / 'a.html', SceneView(label), metainfo, evil, share_library=True
    )
    page = new_page(tmp_path / 'a.html')
    assert page.page.locator('h1').inner_text() == evil
    assert page.page.title() == evil
    assert page.ask('scene.views') == ['prediction']
    assert page.ask('scene.faceCount') == 6
    spot = page.ask('scene.place([4.5, 1.5, 2.5])')
    page.page.mouse.move(spot['x'], spot['y'])
    text = page.page.locator('#readout').inner_text()
    assert text.splitlines()[:2] == [evil, 'voxel 4, 1, 2']
    assert page.ask('typeof window.hacked') == 'undefined'
    assert page.page.locator('#sensor').is_hidden()


def test_the_index_sorts_by_each_column(browser, tmp_path):
    """Up, then down; what has no number comes last."""
    numbers = dict(b=30.0, a=4.0, d=None, c=200.0)
    entries = [
        IndexEntry(name, 'x', 'x', {} if number is None else {'mIoU': number})
        for name, number in numbers.items()
    ]
    write_scene_index(tmp_path / 'index.html', 'frames', entries)
    page = browser.new_context(offline=True).new_page()
    page.goto((tmp_path / 'index.html').as_uri())
    found = []
    for title in ('mIoU', 'mIoU', 'frame', 'frame'):
        page.get_by_role('button', name=title).click()
        found.append(''.join(page.locator('td a').all_inner_texts()).strip())
    assert found == ['abcd', 'cbad', 'abcd', 'dcba']


def test_fits_a_phone(new_page, path):
    page = new_page(path, viewport=dict(width=390, height=844), has_touch=True)
    assert page.ask('document.documentElement.scrollWidth') == 390
    assert page.frame['width'] == 390 and page.frame['height'] > 400
    labels, _ = page.pick(page.points(30))
    spot = page.points(30)[np.flatnonzero(labels == WALL)[0]]
    page.page.touchscreen.tap(*spot.tolist())
    assert page.page.locator('#readout strong').inner_text() == 'wall'


def test_without_webgl_there_is_one_line(browser, path):
    context = browser.new_context(offline=True)
    context.add_init_script('HTMLCanvasElement.prototype.getContext = () => null')
    page = context.new_page()
    page.goto(path.as_uri())
    message = page.locator('#message')
    message.wait_for(state='visible')
    assert 'WebGL 2 is switched off or not supported' in message.inner_text()


def test_incomplete_page_says_so(browser, path, tmp_path):
    text = path.read_text('utf-8')
    start = text.index('"truth":"') + len('"truth":"')
    (tmp_path / 'cut.html').write_text(
        text[:start] + '"' + text[text.index('"', start) + 1 :]
    )
    page = browser.new_context(offline=True).new_page()
    page.goto((tmp_path / 'cut.html').as_uri())
    message = page.locator('#message')
    message.wait_for(state='visible')
    assert message.inner_text().startswith('The scene cannot be shown: ')


def test_a_scene_of_full_size_is_shown(shared_page, tmp_path, view):
    """60 x 36 x 60 voxels, as busy as none is, with photo and depth."""
    rng = np.random.default_rng(0)
    label = np.where(rng.random((60, 36, 60)) < 0.1, 4, 0).astype(np.uint8)
    large = view._replace(
        prediction=label,
        truth=label,
        surface=label > 0,
        unseen=label == 0,
        confidence=rng.random(label.shape, dtype=np.float32),
        photo=rng.integers(0, 255, (480, 640, 3), np.uint8),
        depth=rng.integers(0, 255, (480, 640, 3), np.uint8),
        intrinsics=Intrinsics(518.9, 519.5, 325.6, 253.7),
    )
    write_scene_page(tmp_path / 'large.html', large, METAINFO, 'large')
    shared_page.open(tmp_path / 'large.html')
    assert shared_page.ask('scene.faceCount') > 70000


def test_it_fits_when_it_is_shown_later(browser, path):
    """As in a notebook whose tab is not the one that is looked at."""
    (path.parent / 'outer.html').write_text(
        f'<iframe src="{path.name}" width="600" height="400" hidden></iframe>'
    )
    page = browser.new_context(offline=True).new_page()
    page.goto((path.parent / 'outer.html').as_uri())
    inner = page.frames[1]
    inner.wait_for_selector('html[data-ready]', state='attached')
    page.evaluate('document.querySelector("iframe").hidden = false')
    page.evaluate(SETTLE)
    picks = inner.evaluate(
        '[...Array(60).keys()].map((n) => window.cleanersScene.pick(10 * n, 150))'
    )
    assert sum(hit is not None for hit in picks) > 5


def test_a_damaged_photo_leaves_the_rest(browser, path, tmp_path):
    text = path.read_text('utf-8')
    torn, count = re.subn('(data:image/jpeg;base64,)[^"]{100}', r'\1', text, count=1)
    assert count == 1
    (tmp_path / 'torn.html').write_text(torn)
    page = Page(browser.new_context(offline=True).new_page())
    page.open(tmp_path / 'torn.html')
    caption = page.page.locator('#photo-figure figcaption')
    assert caption.inner_text() == 'Photo: cannot be shown'
    assert page.page.locator('#message').is_hidden()
    page.press('Camera’s view')
    assert page.page.locator('#blend').text_content().strip() == 'Depth'


def test_a_page_without_its_program_says_so(browser, tmp_path, view):
    write_scene_page(tmp_path / 'a.html', view, METAINFO, 'a', share_library=True)
    (tmp_path / 'scene_viewer.js').unlink()
    page = browser.new_context(offline=True).new_page()
    page.goto((tmp_path / 'a.html').as_uri())
    message = page.locator('#message')
    message.wait_for(state='visible')
    assert 'needs the file scene_viewer.js beside it' in message.inner_text()
