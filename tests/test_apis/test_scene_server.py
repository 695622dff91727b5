"""The live view: what its pages hold, show and refuse."""
import socket
import time

import cv2
import numpy as np
import pytest
import torch

from cleaners.apis import SSCInferencer
from cleaners.apis.known_scene import known_scene
from cleaners.apis.scene_server import check_start, start_scene_server
from cleaners.apis.scene_session import SceneSession
from cleaners.apis.uploaded_frame import complete_uploads
from cleaners.data_preparation.rgbd_reading import RGBDOptions, read_rgbd_frame
from cleaners.data_preparation.rgbd_sources import Sources
from cleaners.utils.errors import InputError

viser = pytest.importorskip(
    'viser', reason='viser is not installed (requirements/serve.txt)')

K = '518.8579,518.8579,320,240'
MATRIX = [518.8579, 518.8579, 320, 240]
PART = 512 * 1024  # bytes, as pages send them


@pytest.fixture(scope='module')
def infer(repo_root):
    torch.manual_seed(0)
    return SSCInferencer(repo_root / 'configs/cleaners_depth-d32_baseline.py')


@pytest.fixture(scope='module')
def server(infer):
    server = start_scene_server(infer, RGBDOptions(None), '127.0.0.1', 0)
    yield server
    server.stop()


@pytest.fixture
def session(server, infer):
    """A session that all pages of the server would see."""
    yield SceneSession(
        server.gui, server.scene,
        lambda uploads: complete_uploads(infer, uploads, RGBDOptions(None)),
        infer.metainfo)
    server.gui.reset()
    server.scene.reset()


@pytest.fixture(scope='module')
def frame(room):
    """Files of a frame, as they would be sent."""
    return dict(
        photo=cv2.imencode('.png', room.rgb[..., ::-1])[1].tobytes(),
        depth=cv2.imencode('.png', room.depth_mm)[1].tobytes())


def give(session, frame):
    session.take('photo', 'a.png', frame['photo'])
    session.take('depth', 'b.png', frame['depth'])
    session.intrinsics.value = K


def until(is_so, seconds=10):
    """Wait for the threads of the server."""
    end = time.time() + seconds
    while not is_so():
        assert time.time() < end
        time.sleep(.01)


def test_a_frame_is_shown(session, frame, room, infer):
    give(session, frame)
    assert session.status.value == ('Photo: a.png\nDepth image: b.png\n'
                                    'Camera file: -')
    session.complete()
    lines = session.status.value.splitlines()
    assert lines[0] == 'depth: b.png holds uint16, read as 1000 to a metre'
    assert lines[1].startswith('camera height ')
    drawing = session.drawing
    sample = infer(room.rgb, room.depth_mm, MATRIX)
    label = known_scene(sample).label
    shown = np.setdiff1d(label, (0, 255))
    assert list(drawing.classes) == [
        infer.metainfo['classes'][index] for index in shown
    ]
    for index, cubes in zip(shown, drawing.classes.values()):
        assert 0 < len(cubes.batched_positions) <= (label == index).sum()
        np.testing.assert_array_equal(cubes.batched_colors,
                                      infer.metainfo['palette'][index])
    # the scene is moved to the middle, its parts with it
    middle = sample.voxel_origin + .04 * np.array([60, 60, 36])
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
        atol=1e-6)
    assert camera.fov == pytest.approx(2 * np.arctan(240 / MATRIX[1]))


def test_switches(session, frame, infer):
    give(session, frame)
    session.complete()
    drawing = session.drawing
    name, cubes = list(drawing.classes.items())[-1]
    assert cubes.visible and name not in ('ceiling', )
    drawing.switches[name].value = False
    until(lambda: not cubes.visible)
    surface = session._scene._handle_from_node_name['/room/surface']
    assert not surface.visible
    drawing.switches['visible surface'].value = True
    until(lambda: surface.visible)
    drawing.switches['confidence'].value = True
    until(lambda: cubes.batched_colors.shape == cubes.batched_positions.shape)
    drawing.switches['confidence'].value = False
    until(lambda: cubes.batched_colors.shape == (3, ))
    session.clear()
    assert session.drawing is None
    assert set(session._scene._handle_from_node_name) <= {'', '/WorldAxes'}
    assert session.status.value == ('Photo: -\nDepth image: -\nCamera file: -')


BAD_INPUTS = {
    'K of another size': dict(camera=b'264.7 264.7 182.3 132.3'),
    'nothing measured': dict(depth='04_depth_all_zero.png'),
    'no depth image': dict(depth='07_own_frame_solid_block.png'),
    'no picture': dict(photo='11_appledouble_._f0.png'),
    'no intrinsics': dict(camera='10_empty_list.json'),
}


@pytest.mark.parametrize('change', BAD_INPUTS.values(), ids=BAD_INPUTS)
def test_refusals_are_those_of_the_command_line(session, frame, reference_dir,
                                                tmp_path, change):
    """The other files are right; afterwards the server goes on."""
    camera = ' '.join(map(str, MATRIX)).encode()
    files = dict(
        photo=('a.png', frame['photo']),
        depth=('b.png', frame['depth']),
        camera=('k.txt', camera))
    for kind, bad in change.items():
        if isinstance(bad, str):
            path = reference_dir / 'user_inputs' / bad
            if not path.is_file():
                pytest.skip(f'no {path}')
            files[kind] = (bad, path.read_bytes())
        else:
            files[kind] = (files[kind][0], bad)
    for name, content in files.values():
        (tmp_path / name).write_bytes(content)
    paths = {kind: tmp_path / name for kind, (name, _) in files.items()}
    with pytest.raises(ValueError) as refusal:
        read_rgbd_frame(
            'f', Sources(dict(f=paths['photo']), dict(f=paths['depth'])),
            RGBDOptions(str(paths['camera'])))
    for kind, (name, content) in files.items():
        session.take(kind, name, content)
    session.complete()
    told = session.status.value
    assert told == f'error: {refusal.value}'.replace(f'{tmp_path}/', '')
    assert '\n' not in told and session.drawing is None
    give(session, frame)
    session.complete()
    assert session.drawing is not None


def test_a_fault_is_told_and_the_page_goes_on(server, infer):

    def fail(uploads):
        raise RuntimeError('ours')

    session = SceneSession(server.gui, server.scene, fail, infer.metainfo)
    for _ in range(2):
        with pytest.raises(RuntimeError, match='ours'):
            session.complete()
        assert session.status.value.startswith('error: a fault of the program')
    server.gui.reset()


class Page:
    """What a browser says to the server."""

    def __init__(self, server):
        from viser import _messages
        from websockets.sync.client import connect
        self.messages = _messages
        known = set(server.get_clients())
        self.socket = connect(
            f'ws://127.0.0.1:{server.get_port()}',
            subprotocols=[f'viser-v{viser.__version__}'],
            max_size=None)
        self.say(
            _messages.ViewerCameraMessage(
                wxyz=(1., 0., 0., 0.),
                position=(0., 0., 0.),
                fov=1.,
                near=.1,
                far=9.,
                image_height=9,
                image_width=9,
                look_at=(0., 0., 1.),
                up_direction=(0., 0., 1.)))
        until(lambda: set(server.get_clients()) - known)
        self.client = server.get_clients()[max(
            set(server.get_clients()) - known)]
        # the guard comes last
        until(lambda: len(self.client._websock_connection._incoming_handlers[
            _messages.FileTransferPart]) == 2)

    def say(self, message):
        import msgspec
        self.socket.send(
            msgspec.msgpack.encode(message.as_serializable_dict()))

    def widget(self, label):
        handles = self.client.gui._gui_input_handle_from_uuid.values()
        return next(h for h in handles if h._impl.props.label == label)

    @property
    def status(self):
        return self.widget('Status').value

    @property
    def held(self):
        """Bytes of files that are on their way."""
        states = self.client.gui._current_file_upload_states.values()
        return sum(state['transferred_bytes'] for state in states)

    def start(self, label, size, num_parts, transfer='t'):
        self.say(
            self.messages.FileTransferStartUpload(
                source_component_uuid=self.widget(label)._impl.uuid,
                transfer_uuid=transfer,
                filename='big.png',
                mime_type='image/png',
                part_count=num_parts,
                size_bytes=size))

    def send(self, label, part, content, transfer='t'):
        self.say(
            self.messages.FileTransferPart(
                source_component_uuid=self.widget(label)._impl.uuid,
                transfer_uuid=transfer,
                part_index=part,
                content=content))


@pytest.fixture
def page(server):
    page = Page(server)
    yield page
    page.socket.close()


def test_pages_do_not_see_each_other(server, page, frame):
    other = Page(server)
    page.start('Photo', len(frame['photo']), 1)
    page.send('Photo', 0, frame['photo'])
    until(lambda: 'Photo: big.png' in page.status)
    assert other.status == 'Photo: -\nDepth image: -\nCamera file: -'
    other.socket.close()


def test_what_is_too_large_is_dropped_at_once(page):
    page.start('Photo', 80 * 2**20, 160)
    refusal = 'error: big.png: 80 MiB are too many, 64 MiB are accepted'
    until(lambda: page.status == refusal)
    page.send('Photo', 0, bytes(PART))
    page.start('Depth image', 4, 1, 'u')
    page.send('Depth image', 0, b'abcd', 'u')
    until(lambda: 'Depth image: big.png' in page.status)
    assert page.held == 0


def test_a_sender_that_lies_is_stopped(page, monkeypatch):
    monkeypatch.setattr('cleaners.apis.uploaded_frame.MAX_UPLOAD', 2 * PART)
    page.start('Photo', 1, 99)
    page.start('Camera file', 1, 99, 'u')
    for part in range(4):
        page.send('Photo', part, bytes(PART))
        page.send('Camera file', part, bytes(PART), 'u')
    until(lambda: 'MiB are too many' in page.status)
    page.start('Depth image', 4, 1, 'v')
    page.send('Depth image', 0, b'abcd', 'v')
    until(lambda: 'Depth image: big.png' in page.status)
    assert page.held <= 2 * PART


def test_no_page_can_publish_the_server(server):
    """Nobody answers to the request that viser's pages can send."""
    from viser import _messages
    handlers = server._websock_server._incoming_handlers
    assert _messages.GuiUpdateMessage in handlers
    assert _messages.ShareUrlRequest not in handlers


def test_other_addresses_of_this_machine_are_not_listened_at(server):
    with socket.create_connection(('127.0.0.1', server.get_port())):
        pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(('127.0.0.2', server.get_port()))


@pytest.mark.parametrize('host, port, message', [
    ('127.0.0.1', None, 'cannot listen at .*; choose another --port'),
    ('127.0.0.1', 99999, '--port should be 0 to 65535, got 99999'),
    ('no such host', 80, 'cannot listen at no such host:80'),
])
def test_addresses(host, port, message):
    options = RGBDOptions(None)
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        free = taken.getsockname()[1]
        with pytest.raises(InputError, match=message):
            check_start(options, host, port or free)
    check_start(options, '127.0.0.1', free)
