from collections.abc import Sequence
from typing import Any, Optional

import cv2
import numpy as np
from mmdet3d.registry import VISUALIZERS
from mmengine.visualization import Visualizer

from ..fileio.image_file import encode_png
from ..structures import EMPTY_CLASS, IGNORE, SSCDataSample
from ..utils.atomic_write import write_atomically
from .panel_figure import LegendEntry, Panel, compose_panels
from .visible_labels import visible_labels
from .voxel_mesh import HIDDEN_CLASSES
from .voxel_render import render_together


@VISUALIZERS.register_module()
class SSCLocalVisualizer(Visualizer):
    """Draw photo, prediction and ground truth of a frame side by side.

    Class names, colours and the label that does not count come from
    ``dataset_meta`` (keys ``classes``, ``palette`` and, where it is not 255,
    ``ignore_index``), which the Runner sets from the data set. Both volumes
    are drawn from the same point, so that they can be compared.

    Args:
        name (str): Name of the instance. Defaults to 'visualizer'.
        hidden_classes (Sequence[str]): Classes that are not drawn besides
            empty and ignored voxels, so that one can look in from above.
            Defaults to ``HIDDEN_CLASSES``.
        panel_size (Sequence[int]): Height and width of a panel in pixels.
            Defaults to (480, 640).
        **kwargs: Passed to :class:`mmengine.visualization.Visualizer`.

    Examples:
        >>> visualizer = SSCLocalVisualizer()
        >>> visualizer.dataset_meta = dataset.metainfo
        >>> visualizer.add_datasample(
        ...     'frame', image, data_sample, out_file='frame.png')
    """

    def __init__(
        self,
        name: str = 'visualizer',
        hidden_classes: Sequence[str] = HIDDEN_CLASSES,
        panel_size: Sequence[int] = (480, 640),
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.hidden_classes = tuple(hidden_classes)
        self.panel_size = tuple(panel_size)

    def add_datasample(
        self,
        name: str,
        image: Optional[np.ndarray],
        data_sample: SSCDataSample,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: Optional[str] = None,
        step: int = 0,
    ) -> None:
        """Draw one frame and show it, save it, or pass it to the backends.

        Args:
            name (str): Title of the window, and tag in the backends.
            image (np.ndarray, optional): (H, W, 3) uint8, RGB. None leaves
                the photo out.
            data_sample (SSCDataSample): See :func:`visible_labels`.
            draw_gt (bool): Whether to draw the ground truth, where there is
                one. Defaults to True.
            draw_pred (bool): Whether to draw the prediction, where there is
                one. Defaults to True.
            show (bool): Whether to open a window. Defaults to False.
            wait_time (float): Seconds that the window stays open; 0 waits
                for a key. Defaults to 0.
            out_file (str, optional): PNG file, written whole or not at all.
                Defaults to None: the picture goes to the backends.
            step (int): Step that the backends file it under. Defaults to 0.

        Raises:
            RuntimeError: If ``dataset_meta`` has no classes or palette.
            ValueError: If there is nothing to draw.
        """
        pred, gt = visible_labels(data_sample, self.ignore_index)
        volumes = [
            ('Prediction', pred if draw_pred else None),
            ('Ground truth', gt if draw_gt else None),
        ]
        panels = [] if image is None else [('Input', self._fit_photo(image))]
        panels += self._draw_volumes(
            [(title, label) for title, label in volumes if label is not None]
        )
        if not panels:
            raise ValueError('nothing to draw: neither an image nor a volume')
        drawn_img = compose_panels(panels, self._legend())

        if show:
            self.show(drawn_img, win_name=name, wait_time=wait_time)
        if out_file is None:
            self.add_image(name, drawn_img, step)
        else:
            write_atomically(out_file, encode_png(drawn_img))

    def _draw_volumes(self, volumes: list[Panel]) -> list[Panel]:
        """Render the volumes, all with the view that fits their union."""
        if not volumes:
            return []
        labels = [label for _, label in volumes]
        palette = self._meta('palette')
        skip = (EMPTY_CLASS, IGNORE, *self._hidden_labels())
        pictures = render_together(labels, palette, self.panel_size, skip)
        return [(title, picture) for (title, _), picture in zip(volumes, pictures)]

    def _fit_photo(self, image: np.ndarray) -> np.ndarray:
        """Scale a photo to the height of the panels, if it differs."""
        height, width = image.shape[:2]
        panel_height = self.panel_size[0]
        if height == panel_height:
            return image
        size = (round(width * panel_height / height), panel_height)
        return cv2.resize(image, size, interpolation=cv2.INTER_AREA)

    def _legend(self) -> list[LegendEntry]:
        """Names and colours of the classes that are drawn."""
        return [
            (name, colour)
            for index, (name, colour) in enumerate(
                zip(self._meta('classes'), self._meta('palette'))
            )
            if index != EMPTY_CLASS and name not in self.hidden_classes
        ]

    @property
    def ignore_index(self) -> int:
        """Label of the data set that does not count."""
        return (self.dataset_meta or {}).get('ignore_index', IGNORE)

    def _hidden_labels(self) -> list[int]:
        return [
            index
            for index, name in enumerate(self._meta('classes'))
            if name in self.hidden_classes
        ]

    def _meta(self, key: str) -> Sequence:
        meta = self.dataset_meta or {}
        if key not in meta:
            raise RuntimeError(
                f"dataset_meta should have '{key}', but has "
                f'{sorted(meta)}; set it from a data set'
            )
        return meta[key]
