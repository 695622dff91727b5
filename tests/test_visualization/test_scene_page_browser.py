"""The scene page in Chromium, from a file, without a network."""

import re
import shutil

import cv2
import numpy as np
import pytest
from scene_samples import METAINFO, ORIGIN, SHAPE, make_view

from cleaners.geometry.camera import Intrinsics
from cleaners.geometry.raycast import cast_rays
from cleaners.geometry.voxel_grid import GridView, VoxelGrid
from cleaners.visualization.scene_index import IndexEntry, write_scene_index
from cleaners.visualization.scene_page import write_scene_page
from cleaners.visualization.scene_view import SceneView
from cleaners.visualization.voxel_mesh import build_voxel_mesh

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which('chromium') or shutil.which('chromium-browser')
# WebGL in software; root has no sandbox
FLAGS = (
    '--no-sandbox',
    '--disable-gpu',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--disable-background-networking',
)
CEILING, FLOOR, WALL, CHAIR = 1, 2, 3, 4
# two frames: the one that is asked for, and the one that shows it
SETTLE = (
    '() => new Promise((done) => requestAnimationFrame('
    '() => requestAnimationFrame(done)))'
)


class Page:
    """An open page, and what a test asks of it."""

    def __init__(self, page):
        self.page = page
        self.errors = []
        page.on('pageerror', lambda error: self.errors.append(str(error)))
        page.on(
            'console',
            lambda message: (
                message.type == 'error' and self.errors.append(message.text)
            ),
        )

    def open(self, path, seconds=30):
        self.page.goto(path.as_uri())
        self.page.wait_for_selector('html[data-ready]', timeout=1000 * seconds)
        self.frame = self.page.locator('#scene').bounding_box()

    def ask(self, expression, value=None):
        """What a function of the state in the page says."""
        return self.page.evaluate(
            f'(value) => {{ const scene = window.cleanersScene; '
            f'return {expression}; }}',
            value,
        )

    def picture(self):
        """What is drawn, (H, W, 3) RGB; the buttons over it are left out."""
        self.page.mouse.move(self.frame['width'] + 5, 5)
        self.page.evaluate(SETTLE)
        content = self.page.locator('#scene').screenshot()
        picture = cv2.imdecode(np.frombuffer(content, np.uint8), 1)
        return picture[60:, :, ::-1].astype(int)

    def points(self, step=9):
        """Points (N, 2) x, y all over what :meth:`picture` shows."""
        x = np.arange(step // 2, self.frame['width'], step)
        y = np.arange(60 + step // 2, self.frame['height'], step)
        return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def pick(self, points):
        """Labels (N,) and voxels (N, 3) at points; -1 for none."""
        hits = self.ask('value.map(([x, y]) => scene.pick(x, y))', points.tolist())
        return (
            np.array([hit['label'] if hit else -1 for hit in hits]),
            np.array([hit['voxel'] if hit else [-1] * 3 for hit in hits]),
        )

    def rays(self, points):
        """Origins and directions (N, 3) through points, in the grid."""
        rays = self.ask('value.map(([x, y]) => scene.ray(x, y))', points.tolist())
        return (
            np.array([ray['origin'] for ray in rays]),
            np.array([ray['direction'] for ray in rays]),
        )

    def press(self, name):
        self.page.get_by_role('button', name=name).first.click()


@pytest.fixture(scope='module')
def browser():
    playwright = pytest.importorskip(
        'playwright.sync_api',
        reason='the Python package playwright is not '
        'installed (pip install playwright)',
    )
    if CHROMIUM is None:
        pytest.skip('no chromium on the PATH (apt-get install chromium)')
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture(scope='module')
def new_page(browser):
    """Opens files; the network is cut, and no error may be left at the end."""
    pages = []

    def new(path, **kwargs):
        kwargs = {'viewport': dict(width=760, height=460), **kwargs}
        context = browser.new_context(offline=True, **kwargs)
        pages.append(Page(context.new_page()))
        pages[-1].open(path)
        return pages[-1]

    yield new
    assert [page.errors for page in pages] == [[]] * len(pages)


@pytest.fixture(scope='module')
def view():
    return make_view()


@pytest.fixture(scope='module')
def path(tmp_path_factory, view):
    path = tmp_path_factory.mktemp('page') / 'room.html'
    write_scene_page(path, view, METAINFO, 'A room')
    return path


@pytest.fixture(scope='module')
def shared_page(new_page, path):
    return new_page(path)


@pytest.fixture
def page(shared_page, path):
    """The room as it is at first."""
    shared_page.open(path)
    yield shared_page
    assert shared_page.errors == []


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
    told = page.page.locator('#cuts output').all_inner_texts()
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


def test_full_size_is_on_screen_in_five_seconds(shared_page, tmp_path, view):
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
    shared_page.open(tmp_path / 'large.html', seconds=5)
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
