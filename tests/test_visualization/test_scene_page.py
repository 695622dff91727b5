import base64
import hashlib
import html
import json
import re
import zlib

import cv2
import numpy as np
import pytest
from scene_samples import METAINFO, ORIGIN, SHAPE

from cleaners.datasets import nyu
from cleaners.geometry.voxel_grid import downsample_labels
from cleaners.visualization.scene_page import (
    LIBRARY,
    scene_page,
    write_scene_page,
)
from cleaners.visualization.scene_view import SceneView

NYU = dict(classes=nyu.CLASSES, palette=nyu.PALETTE)


def inflate(code):
    return zlib.decompress(base64.b64decode(code), -15)


def script(page, name):
    """Content of the script element with an id."""
    (content,) = re.findall(
        rf'<script[^>]* id="{name}">(.*?)</script>', page, re.DOTALL
    )
    return content


def read_scene(page):
    return json.loads(script(page, 'scene-data'))


def read_volumes(scene):
    return {
        name: np.frombuffer(inflate(code), np.uint8).reshape(scene['shape'])
        for name, code in scene['volumes'].items()
    }


def read_picture(address):
    kind, code = address.split(',')
    assert kind == 'data:image/jpeg;base64'
    content = np.frombuffer(base64.b64decode(code), np.uint8)
    return cv2.imdecode(content, cv2.IMREAD_COLOR)[..., ::-1]


@pytest.fixture(scope='module')
def page(view):
    return scene_page(view, METAINFO, 'A room')


def test_volumes_come_back(view, page):
    volumes = read_volumes(read_scene(page))
    assert set(volumes) == {'prediction', 'truth', 'surface', 'confidence', 'unseen'}
    for name in ('prediction', 'truth', 'surface', 'unseen'):
        np.testing.assert_array_equal(volumes[name], getattr(view, name))
    # half a percent, and float32
    np.testing.assert_allclose(
        volumes['confidence'] / 100, view.confidence, atol=0.00501
    )


def test_grid_and_camera_come_back(view, page):
    scene = read_scene(page)
    assert scene['shape'] == list(SHAPE)
    assert scene['voxelSize'] == 0.08
    assert scene['voxelOrigin'] == list(ORIGIN)
    assert scene['camera'] == dict(
        cam2world=view.cam2world.tolist(),
        intrinsics=[52.0, 52.0, 33.5, 22.0],
        imgSize=[48, 64],
    )
    assert scene['classes'] == list(METAINFO['classes'])
    assert scene['palette'] == [list(rgb) for rgb in METAINFO['palette']]
    assert scene['hidden'] == [1]


def test_pictures_come_back(view, page):
    scene = read_scene(page)
    for name in ('photo', 'depth'):
        picture = read_picture(scene[name])
        error = np.abs(picture.astype(int) - getattr(view, name))
        assert picture.shape == (48, 64, 3)
        assert error.mean() < 4


def test_only_what_there_is(view):
    scene = read_scene(scene_page(SceneView(view.prediction), METAINFO, 'bare'))
    assert set(scene['volumes']) == {'prediction'}
    assert scene['camera'] is None
    assert 'photo' not in scene and 'depth' not in scene
    no_picture = view._replace(photo=None, depth=None)
    assert read_scene(scene_page(no_picture, METAINFO, ''))['camera'] is None


def test_library_is_part_of_the_page_or_beside(tmp_path, view, page):
    program = inflate(script(page, 'library')).decode()
    assert 'three.js authors' in program  # its licence goes with it
    assert 'src=' not in page

    for name in ('a.html', 'b.html'):
        write_scene_page(tmp_path / name, view, METAINFO, name, share_library=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'a.html',
        'b.html',
        LIBRARY,
    ]
    assert (tmp_path / LIBRARY).read_text('utf-8') == program
    shared = (tmp_path / 'a.html').read_text('utf-8')
    assert f'<script src="{LIBRARY}" onerror="' in shared
    assert 'id="library"' not in shared
    assert len(shared) < len(page) - 150000


def test_library_is_built_from_its_source(repo_root):
    """After a change: npm ci; npm run build, in projects/CleanerS/viewer."""
    folder = repo_root / 'projects' / 'CleanerS'
    source = folder / 'viewer'
    digest = hashlib.sha256()
    names = ['build.mjs', 'package-lock.json']
    names += sorted(f'src/{path.name}' for path in (source / 'src').iterdir())
    for name in names:
        digest.update((source / name).read_bytes())
    assets = folder / 'cleaners' / 'visualization' / 'assets'
    program = (assets / LIBRARY).read_text('utf-8')
    assert re.search('built from ([0-9a-f]{64}),', program)[1] == digest.hexdigest()
    assert (assets / 'THREE_LICENSE').read_text('utf-8') in program


def test_an_older_library_is_replaced(tmp_path, view):
    (tmp_path / LIBRARY).write_text('old')
    write_scene_page(tmp_path / 'a.html', view, METAINFO, 'a', share_library=True)
    assert (tmp_path / LIBRARY).stat().st_size > 400000


def test_page_is_within_half_a_megabyte(room):
    """A room, with pictures and a confidence that cannot be packed."""
    labels = downsample_labels(
        room.labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
    )
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (480, 640, 3), dtype=np.uint8)
    view = SceneView(
        labels,
        np.roll(labels, 1),
        surface=labels == 2,
        confidence=rng.random(labels.shape),
        unseen=labels != 2,
        photo=noise,
        depth=noise,
    )
    page = scene_page(view, NYU, 'noise')
    assert 400000 < len(page.encode()) < 500000
    for name, limit in (('photo', 70000), ('depth', 30000)):
        assert len(read_scene(page)[name]) < 4 / 3 * limit + 40


def test_usual_photo_is_kept_in_full_size(view, room):
    page = scene_page(view._replace(photo=room.rgb), METAINFO, 'photo')
    picture = read_picture(read_scene(page)['photo'])
    assert picture.shape == (480, 640, 3)
    assert np.abs(picture.astype(int) - room.rgb).mean() < 4


@pytest.mark.parametrize(
    'text',
    [
        '</script><script>alert(1)</script>',
        '<img src=x onerror=alert(1)>',
        '"><b>',
        "' onload='alert(1)",
        '<!--',
        '{{scene}} {{library}}',
        '&lt;b&gt;',
    ],
)
def test_text_never_becomes_html(view, page, text):
    classes = ('empty', text, *METAINFO['classes'][2:])
    evil = scene_page(view, dict(METAINFO, classes=classes), text)
    assert read_scene(evil)['classes'] == list(classes)
    titles = re.findall(r'<title>(.*?)</title>|<h1>(.*?)</h1>', evil)
    assert [html.unescape(a or b) for a, b in titles] == [text, text]
    # the page has the same elements as one with a harmless text
    tags = re.findall(r'<[/!]?\w+', page)
    assert re.findall(r'<[/!]?\w+', evil) == tags
    assert not re.search(r'<(?!/?\w|!doctype)', script(evil, 'scene-data'))


def test_page_is_written_whole_or_not_at_all(tmp_path, view):
    path = tmp_path / 'new' / 'room.html'
    write_scene_page(path, view, METAINFO, 'first')
    first = path.read_bytes()
    assert first.endswith(b'</html>\n')
    broken = view._replace(truth=view.truth[:-1])
    with pytest.raises(ValueError):
        write_scene_page(path, broken, METAINFO, 'second', share_library=True)
    assert path.read_bytes() == first
    assert [item.name for item in path.parent.iterdir()] == ['room.html']


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(truth=np.zeros((12, 8, 11), np.uint8)), 'truth is of'),
        (dict(prediction=np.zeros((12, 8), np.uint8)), 'should be a volume'),
        (dict(prediction=np.zeros(SHAPE)), 'prediction should be uint8'),
        (dict(prediction=np.full(SHAPE, 5, np.uint8)), r'labels \[5\]'),
        (dict(surface=np.zeros(SHAPE[::-1][:2])), 'surface is of'),
        (dict(confidence=np.full(SHAPE, 1.5)), r'within 0\.\.1'),
        (dict(confidence=np.full(SHAPE, np.nan)), r'within 0\.\.1'),
        (dict(photo=np.zeros((48, 64), np.uint8)), 'photo should be a picture'),
        (dict(depth=np.zeros((48, 64, 3))), 'depth should be a picture'),
        (dict(cam2world=np.eye(3)), 'cam2world should be'),
        (dict(voxel_origin=(0, np.inf, 0)), 'finite'),
    ],
)
def test_wrong_input_is_named(view, change, message):
    with pytest.raises(ValueError, match=message):
        scene_page(view._replace(**change), METAINFO, '')


def test_each_class_has_a_colour(view):
    metainfo = dict(METAINFO, palette=METAINFO['palette'][:-1])
    with pytest.raises(ValueError, match='5 classes need as many colours'):
        scene_page(view, metainfo, '')
