"""Limits of the live view, against what a browser could send."""

import pytest

PART = 512 * 1024  # bytes, as pages send them


class Page:
    """What a browser says to the server."""

    def __init__(self, server, until):
        import viser
        from viser import _messages
        from websockets.sync.client import connect

        self.messages = _messages
        known = set(server.get_clients())
        self.socket = connect(
            f'ws://127.0.0.1:{server.get_port()}',
            subprotocols=[f'viser-v{viser.__version__}'],
            max_size=None,
        )
        self.say(
            _messages.ViewerCameraMessage(
                wxyz=(1.0, 0.0, 0.0, 0.0),
                position=(0.0, 0.0, 0.0),
                fov=1.0,
                near=0.1,
                far=9.0,
                image_height=9,
                image_width=9,
                look_at=(0.0, 0.0, 1.0),
                up_direction=(0.0, 0.0, 1.0),
            )
        )
        until(lambda: set(server.get_clients()) - known)
        self.client = server.get_clients()[max(set(server.get_clients()) - known)]
        # the guard comes last
        until(
            lambda: (
                len(
                    self.client._websock_connection._incoming_handlers[
                        _messages.FileTransferPart
                    ]
                )
                == 2
            )
        )

    def say(self, message):
        import msgspec

        self.socket.send(msgspec.msgpack.encode(message.as_serializable_dict()))

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
                size_bytes=size,
            )
        )

    def send(self, label, part, content, transfer='t'):
        self.say(
            self.messages.FileTransferPart(
                source_component_uuid=self.widget(label)._impl.uuid,
                transfer_uuid=transfer,
                part_index=part,
                content=content,
            )
        )


@pytest.fixture
def page(server, until):
    page = Page(server, until)
    yield page
    page.socket.close()


def test_pages_do_not_see_each_other(server, page, frame_files, until):
    other = Page(server, until)
    page.start('Photo', len(frame_files['photo']), 1)
    page.send('Photo', 0, frame_files['photo'])
    until(lambda: 'Photo: big.png' in page.status)
    assert other.status == 'Photo: -\nDepth image: -\nCamera file: -'
    other.socket.close()


def test_what_is_too_large_is_dropped_at_once(page, until):
    page.start('Photo', 80 * 2**20, 160)
    refusal = 'error: big.png: 80 MiB are too many, 64 MiB are accepted'
    until(lambda: page.status == refusal)
    page.send('Photo', 0, bytes(PART))
    page.start('Depth image', 4, 1, 'u')
    page.send('Depth image', 0, b'abcd', 'u')
    until(lambda: 'Depth image: big.png' in page.status)
    assert page.held == 0


def test_a_sender_that_lies_is_stopped(page, monkeypatch, until):
    monkeypatch.setattr('cleaners.live_view.uploaded_frame.MAX_UPLOAD', 2 * PART)
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
