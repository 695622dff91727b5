"""What one page of the live view holds, asks for and shows."""

import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Callable, Optional

from ..data_preparation.rgbd_reading import StoredFile
from ..data_preparation.rgbd_sources import PHOTO_SUFFIXES
from ..fileio.camera_file import SUFFIXES as CAMERA_SUFFIXES
from ..fileio.depth_file import SUFFIXES as DEPTH_SUFFIXES
from ..utils.errors import InputError, user_message
from .drawing import SceneDrawing
from .uploaded_frame import CompletedFrame, FrameUploads, take_upload

if TYPE_CHECKING:
    from viser import GuiApi, SceneApi, UploadButtonEvent

_KINDS = dict(
    photo=('Photo', PHOTO_SUFFIXES),
    depth=('Depth image', DEPTH_SUFFIXES),
    camera=('Camera file', CAMERA_SUFFIXES),
)
_BUSY = 'still at the scene before; press Complete again when this line is gone'
_FAILED = 'error: a fault of the program; the terminal of the server says more'


def _error_line(error: Exception) -> str:
    return f'error: {user_message(error) or error}'


class SceneSession:
    """Widgets and scene of one page; no other page sees them.

    Args:
        gui (viser.GuiApi): Of the page.
        scene (viser.SceneApi): Of the page.
        complete (Callable): From :obj:`FrameUploads` to
            :obj:`CompletedFrame`; what it raises about the user's input
            becomes one line in the page.
        metainfo (dict): ``classes`` and ``palette`` of the network.

    Attributes:
        intrinsics (viser.GuiTextHandle): Where they can be written.
        status (viser.GuiTextHandle): What there is, what came out, or what
            is wrong.
        drawing (SceneDrawing, optional): What is shown.
    """

    def __init__(
        self,
        gui: 'GuiApi',
        scene: 'SceneApi',
        complete: Callable[[FrameUploads], CompletedFrame],
        metainfo: dict,
    ) -> None:
        self._gui, self._scene = gui, scene
        self._complete, self._metainfo = complete, metainfo
        self._clears = 0
        self._busy = threading.Lock()
        # held while what is shown changes: a page's clicks run side by side
        self._shown = threading.Lock()
        self._uploads = FrameUploads()
        self.drawing: Optional[SceneDrawing] = None
        for kind, (label, suffixes) in _KINDS.items():
            gui.add_upload_button(label, mime_type=','.join(suffixes)).on_upload(
                partial(self._take_event, kind)
            )
        self.intrinsics = gui.add_text(
            'K', '', hint='fx, fy, cx, cy or a matrix, if not from a file'
        )
        gui.add_button('Complete').on_click(lambda _: self.complete())
        gui.add_button('Clear').on_click(lambda _: self.clear())
        self.status = gui.add_text('Status', '', multiline=True, disabled=True)
        self.clear()

    def take(self, kind: str, name: str, content: bytes) -> None:
        """Keep an uploaded file, or say why not.

        Args:
            kind (str): 'photo', 'depth' or 'camera'.
            name (str): As the sender calls it.
            content (bytes): What is in it.
        """
        try:
            stored = take_upload(name, content)
        except InputError as error:
            self.refuse(error)
            return
        change: dict[str, Any] = {kind: stored}
        with self._shown:
            self._uploads = self._uploads._replace(**change)
            self._tell_uploads()

    def refuse(self, error: Exception) -> None:
        """Say in one line what is wrong with an input."""
        self.status.value = _error_line(error)

    def clear(self) -> None:
        """Forget all files, and take the scene away."""
        with self._shown:
            self._uploads = FrameUploads()
            self._clears += 1
            self.intrinsics.value = ''
            self._remove_drawing()
            self._tell_uploads()

    def complete(self) -> None:
        """Complete the frame and show it, or say what is wrong."""
        # a page asks for one scene at a time
        if not self._busy.acquire(blocking=False):
            with self._shown:
                self.status.value = _BUSY
            return
        clears = self._clears
        try:
            with self._shown:
                self._remove_drawing()
                self.status.value = 'completing the scene ...'
                uploads = self._uploads
            done = self._complete(uploads._replace(intrinsics=self.intrinsics.value))
            if clears != self._clears:  # forgotten in the meantime
                return
            drawing = SceneDrawing(self._gui, self._scene, done.view, self._metainfo)
            self._show('\n'.join(done.lines), clears, drawing)
        except (ValueError, OSError) as error:
            self._show(_error_line(error), clears)
        except Exception:
            self._show(_FAILED, clears)
            raise
        finally:
            self._busy.release()
            with self._shown:
                if self.status.value == _BUSY:
                    self._tell_uploads()

    def _show(
        self, text: str, clears: int, drawing: Optional[SceneDrawing] = None
    ) -> None:
        """Show what came out, unless the page was cleared in the meantime."""
        with self._shown:
            if clears == self._clears:
                self.drawing, self.status.value = drawing, text
            elif drawing is not None:
                drawing.remove()

    def _take_event(self, kind: str, event: 'UploadButtonEvent') -> None:
        file = event.target.value
        self.take(kind, file.name, file.content)

    def _tell_uploads(self) -> None:
        lines = []
        for kind, (label, _) in _KINDS.items():
            stored: Optional[StoredFile] = getattr(self._uploads, kind)
            lines.append(f'{label}: {stored.path if stored else "-"}')
        self.status.value = '\n'.join(lines)

    def _remove_drawing(self) -> None:
        if self.drawing is not None:
            self.drawing.remove()
            self.drawing = None
