"""Limits that viser has not: sizes of uploads, no way to the internet.

It uses parts of viser that are not public; requirements/serve.txt pins the
version.
"""

from typing import TYPE_CHECKING, Callable, Union

from ..utils.errors import InputError
from .uploaded_frame import check_upload_size

if TYPE_CHECKING:
    from viser import ClientHandle, ViserServer
    from viser._messages import FileTransferPart, FileTransferStartUpload


def guard_server(server: 'ViserServer') -> None:
    """Let no page ask viser to publish this server in the internet."""
    from viser import _messages

    server._websock_server.unregister_handler(_messages.ShareUrlRequest)


def guard_client(client: 'ClientHandle', refuse: Callable[[InputError], None]) -> None:
    """Drop uploads of a page that are too large, before they are held.

    Args:
        client (viser.ClientHandle): The page.
        refuse (Callable): Gets the reason.
    """
    from viser import _messages

    uploads = client.gui._current_file_upload_states

    def check(
        _: int, message: 'Union[FileTransferStartUpload, FileTransferPart]'
    ) -> None:
        """After viser has put down a part of a file, or that it comes."""
        state = uploads.get(message.transfer_uuid)
        if state is None:
            return
        # several at a time, or more than was said, do not help
        held = sum(other['transferred_bytes'] for other in uploads.values())
        size = max(state['total_bytes'], held)
        try:
            check_upload_size(state['filename'], size)
        except InputError as error:
            del uploads[message.transfer_uuid]
            # the page waits for the rest otherwise
            client._websock_connection.queue_message(
                _messages.FileTransferPartAck(
                    source_component_uuid=message.source_component_uuid,
                    transfer_uuid=message.transfer_uuid,
                    transferred_bytes=state['total_bytes'],
                    total_bytes=state['total_bytes'],
                )
            )
            refuse(error)

    for kind in (_messages.FileTransferStartUpload, _messages.FileTransferPart):
        client._websock_connection.register_handler(kind, check)
