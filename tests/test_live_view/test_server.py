"""The live view: what its pages hold, show and refuse."""

import socket
import threading
from pathlib import Path

import numpy as np
import pytest

from cleaners.apis import SSCInferencer, known_scene
from cleaners.apis.scene_files import scene_view
from cleaners.data_preparation.rgbd_reading import (
    RGBDOptions,
    StoredFile,
    read_rgbd_frame,
)
from cleaners.data_preparation.rgbd_sources import Sources
from cleaners.live_view.drawing import SceneDrawing
from cleaners.live_view.server import check_start
from cleaners.live_view.session import SceneSession
from cleaners.live_view.uploaded_frame import FrameUploads, complete_uploads
from cleaners.utils.errors import InputError

pytest.importorskip('viser', reason='viser is not installed (requirements/serve.txt)')

K = '518.8579,518.8579,320,240'
MATRIX = [518.8579, 518.8579, 320, 240]


@pytest.fixture
def session(server, depth_infer):
    """A session that all pages of the server would see."""
    yield SceneSession(
        server.gui,
        server.scene,
        lambda uploads: complete_uploads(depth_infer, uploads, RGBDOptions(None)),
        depth_infer.metainfo,
    )
    server.gui.reset()
    server.scene.reset()


def give(session, frame_files):
    session.take('photo', 'a.png', frame_files['photo'])
    session.take('depth', 'b.png', frame_files['depth'])
    session.intrinsics.value = K


def test_a_frame_is_shown(session, frame_files, room, depth_infer):
    give(session, frame_files)
    assert session.status.value == ('Photo: a.png\nDepth image: b.png\nCamera file: -')
    session.complete()
    lines = session.status.value.splitlines()
    assert lines[0] == 'depth: b.png holds uint16, read as 1000 to a metre'
    assert lines[1].startswith('camera height ')
    drawing = session.drawing
    sample = depth_infer(room.rgb, room.depth_mm, MATRIX)
    label = known_scene(sample).label
    shown = np.setdiff1d(label, (0, 255))
    assert list(drawing.classes) == [
        depth_infer.metainfo['classes'][index] for index in shown
    ]
    for index, cubes in zip(shown, drawing.classes.values()):
        assert 0 < len(cubes.batched_positions) <= (label == index).sum()
        np.testing.assert_array_equal(
            cubes.batched_colors, depth_infer.metainfo['palette'][index]
        )
    # the scene is moved to the middle, its parts with it
    middle = sample.voxel_origin + 0.04 * np.array([60, 60, 36])
    nodes = session._scene._handle_from_node_name
    np.testing.assert_allclose(nodes['/room'].position, -middle)
    surface = nodes['/room/surface'].batched_positions
    assert len(surface) == (np.asarray(sample.sensor_voxel.points) > 0).sum()
    camera = nodes['/room/camera']
    np.testing.assert_allclose(camera.position, sample.cam2world[:3, 3])
    w, x, y, z = camera.wxyz
    # the third column of the rotation: where the camera looks
    np.testing.assert_allclose(
        [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)],
        sample.cam2world[:3, 2],
        atol=1e-6,
    )
    assert camera.fov == pytest.approx(2 * np.arctan(240 / MATRIX[1]))


def test_a_frame_without_photo_has_a_network_of_its_own(frame_files, depth_infer):
    uploads = FrameUploads(
        None, StoredFile(Path('b.png'), frame_files['depth']), None, K
    )
    with_photos = SSCInferencer('cleaners_efflite0-d32')
    options = RGBDOptions(None)
    with pytest.raises(InputError, match='sees a photo, but none was given'):
        complete_uploads(with_photos, uploads, options)
    found = complete_uploads(with_photos, uploads, options, depth_infer)
    expected = complete_uploads(depth_infer, uploads, options)
    np.testing.assert_array_equal(found.view.prediction, expected.view.prediction)


def test_switches(session, frame_files, until):
    give(session, frame_files)
    session.complete()
    drawing = session.drawing
    name, cubes = list(drawing.classes.items())[-1]
    assert cubes.visible and name not in ('ceiling',)
    drawing.switches[name].value = False
    until(lambda: not cubes.visible)
    surface = session._scene._handle_from_node_name['/room/surface']
    assert not surface.visible
    drawing.switches['visible surface'].value = True
    until(lambda: surface.visible)
    drawing.switches['confidence'].value = True
    until(lambda: cubes.batched_colors.shape == cubes.batched_positions.shape)
    drawing.switches['confidence'].value = False
    until(lambda: cubes.batched_colors.shape == (3,))
    session.clear()
    assert session.drawing is None
    assert set(session._scene._handle_from_node_name) <= {'', '/WorldAxes'}
    assert session.status.value == ('Photo: -\nDepth image: -\nCamera file: -')


def test_a_view_without_picture_has_no_camera(session, room, depth_infer):
    view = scene_view(depth_infer(None, room.depth_mm, MATRIX))
    nodes = session._scene._handle_from_node_name
    for picture, has_camera in ((view.depth, True), (None, False)):
        drawing = SceneDrawing(
            session._gui,
            session._scene,
            view._replace(depth=picture),
            depth_infer.metainfo,
        )
        assert ('/room/camera' in nodes) == has_camera
        assert ('camera' in drawing.switches) == has_camera
        drawing.remove()


BAD_INPUTS = {
    'K of another size': dict(camera=b'264.7 264.7 182.3 132.3'),
    'nothing measured': dict(depth='04_depth_all_zero.png'),
    'no depth image': dict(depth='07_own_frame_solid_block.png'),
    'no picture': dict(photo='11_appledouble_._f0.png'),
    'no intrinsics': dict(camera='10_empty_list.json'),
}


@pytest.mark.parametrize('change', BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_refusals_are_those_of_the_command_line(
    session, frame_files, reference, tmp_path, change
):
    """The other files are right; afterwards the server goes on."""
    camera = ' '.join(map(str, MATRIX)).encode()
    files = dict(
        photo=('a.png', frame_files['photo']),
        depth=('b.png', frame_files['depth']),
        camera=('k.txt', camera),
    )
    for kind, bad in change.items():
        if isinstance(bad, str):
            files[kind] = (bad, reference(f'user_inputs/{bad}').read_bytes())
        else:
            files[kind] = (files[kind][0], bad)
    for name, content in files.values():
        (tmp_path / name).write_bytes(content)
    paths = {kind: tmp_path / name for kind, (name, _) in files.items()}
    with pytest.raises(ValueError) as refusal:
        read_rgbd_frame(
            'f',
            Sources(dict(f=paths['photo']), dict(f=paths['depth'])),
            RGBDOptions(str(paths['camera'])),
        )
    for kind, (name, content) in files.items():
        session.take(kind, name, content)
    session.complete()
    told = session.status.value
    assert told == f'error: {refusal.value}'.replace(f'{tmp_path}/', '')
    assert '\n' not in told and session.drawing is None
    give(session, frame_files)
    session.complete()
    assert session.drawing is not None


@pytest.fixture
def cleared(server, depth_infer, frame_files):
    """Complete a frame of a page that is cleared at some moment of it."""

    def run(moment):
        def complete(uploads):
            if moment == 'error':
                session.clear()
                raise ValueError('of what is forgotten')
            options = RGBDOptions(None)
            done = complete_uploads(depth_infer, uploads, options)
            if moment == 'completed':
                session.clear()
                return done
            return done._replace(lines=clear_then_tell(done.lines))

        def clear_then_tell(lines):
            """Lines are read once the scene is drawn."""
            session.clear()
            yield from lines

        session = SceneSession(server.gui, server.scene, complete, depth_infer.metainfo)
        give(session, frame_files)
        session.complete()
        return session

    yield run
    server.gui.reset()
    server.scene.reset()


@pytest.mark.parametrize('moment', ['completed', 'drawn', 'error'])
def test_what_is_cleared_meanwhile_is_not_shown(cleared, moment):
    session = cleared(moment)
    assert session.drawing is None
    assert set(session._scene._handle_from_node_name) <= {'', '/WorldAxes'}
    assert session.status.value == 'Photo: -\nDepth image: -\nCamera file: -'


def test_a_fault_is_told_and_the_page_goes_on(server, depth_infer):

    def fail(uploads):
        raise RuntimeError('ours')

    session = SceneSession(server.gui, server.scene, fail, depth_infer.metainfo)
    for _ in range(2):
        with pytest.raises(RuntimeError, match='ours'):
            session.complete()
        assert session.status.value.startswith('error: a fault of the program')
    server.gui.reset()


def test_other_addresses_of_this_machine_are_not_listened_at(server):
    with socket.create_connection(('127.0.0.1', server.get_port())):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(('127.0.0.2', server.get_port()))


@pytest.mark.parametrize(
    'host, port, message',
    [
        ('127.0.0.1', None, 'cannot listen at .*; choose another --port'),
        ('127.0.0.1', 99999, '--port should be 0 to 65535, got 99999'),
        ('no such host', 80, 'cannot listen at no such host:80'),
        ('192.168..1', 80, 'cannot listen at 192.168..1:80'),
    ],
)
def test_addresses(host, port, message):
    options = RGBDOptions(None)
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        free = taken.getsockname()[1]
        with pytest.raises(InputError, match=message):
            check_start(options, host, port or free)
    check_start(options, '127.0.0.1', free)


def test_what_is_asked_for_meanwhile_is_not_lost_without_a_word(server, until):
    started, go_on = threading.Event(), threading.Event()

    def complete(uploads):
        started.set()
        assert go_on.wait(60)
        raise InputError('the first one')

    session = SceneSession(server.gui, server.scene, complete, {})
    first = threading.Thread(target=session.complete)
    first.start()
    assert started.wait(60)
    session.clear()
    session.complete()
    assert 'press Complete again' in session.status.value
    go_on.set()
    first.join()
    assert session.status.value == 'Photo: -\nDepth image: -\nCamera file: -'
    session.complete()
    assert session.status.value == 'error: the first one'
    server.gui.reset()
