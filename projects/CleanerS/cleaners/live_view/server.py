"""A server of pages in which one completes own frames."""

import importlib.util
import socket
import threading
from typing import TYPE_CHECKING, Optional

from ..apis.ssc_inferencer import SSCInferencer
from ..data_preparation.rgbd_reading import RGBDOptions
from ..utils.errors import InputError
from .session import SceneSession
from .upload_guard import guard_client, guard_server
from .uploaded_frame import (
    CompletedFrame,
    FrameUploads,
    check_options,
    complete_uploads,
)

if TYPE_CHECKING:
    from viser import ClientHandle, ViserServer

# where one stands at first, metres from the middle of the room: behind the
# camera and above it
_STAND = (0.0, -6.0, 4.0)


def start_scene_server(
    infer: SSCInferencer,
    options: RGBDOptions,
    host: str,
    port: int,
    without_photo: Optional[SSCInferencer] = None,
) -> 'ViserServer':
    """Start the server; it runs in threads of its own.

    Every page that is opened has files and a scene of its own, and loses
    them when it is closed. Frames of several pages are completed one after
    the other.

    Args:
        infer (SSCInferencer): The network.
        options (RGBDOptions): What is known of the camera; its intrinsics
            may be None.
        host (str): Address of this machine. No other machine reaches
            127.0.0.1; whoever reaches another can use the page, for there is
            no password.
        port (int): 0 for a free one.
        without_photo (SSCInferencer, optional): The network for frames
            without photo, of the same classes. Defaults to None: the same.

    Returns:
        viser.ViserServer: ``stop()`` ends it.

    Raises:
        InputError, FileNotFoundError: As :func:`check_start`.
    """
    check_start(options, host, port)
    import viser

    server = viser.ViserServer(host=host, port=port, label='CleanerS', verbose=False)
    guard_server(server)
    server.gui.configure_theme(
        control_width='large', show_share_button=False, show_logo=False
    )
    server.initial_camera.position = _STAND
    server.initial_camera.look_at = (0.0, 0.0, 0.0)
    turn = threading.Lock()

    def complete(uploads: FrameUploads) -> CompletedFrame:
        with turn:
            return complete_uploads(infer, uploads, options, without_photo)

    @server.on_client_connect
    def _(client: 'ClientHandle') -> None:
        session = SceneSession(client.gui, client.scene, complete, infer.metainfo)
        guard_client(client, session.refuse)

    return server


def check_start(options: RGBDOptions, host: str, port: int) -> None:
    """Refuse what the server could not start with.

    Args:
        options, host, port: As of :func:`start_scene_server`.

    Raises:
        InputError: If viser is not installed, the address is taken or is
            none of this machine, or an option is wrong.
        FileNotFoundError: If an option names a file that is not there.
    """
    if importlib.util.find_spec('viser') is None:
        raise InputError(
            "the live view needs the package 'viser': "
            'pip install -r requirements/serve.txt'
        )
    check_options(options)
    _check_address(host, port)


def _check_address(host: str, port: int) -> None:
    """Refuse an address that cannot be listened at.

    viser would take another port without a word, or wait for ever.
    """
    if not 0 <= port < 2**16:
        raise InputError(f'--port should be 0 to {2**16 - 1}, got {port}')
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # one that was closed a moment ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    # a name that no address can have is no OSError
    except (OSError, UnicodeError) as error:
        reason = getattr(error, 'strerror', None) or error
        raise InputError(
            f'cannot listen at {host}:{port} ({reason}); '
            'choose another --port, or --host'
        ) from error
