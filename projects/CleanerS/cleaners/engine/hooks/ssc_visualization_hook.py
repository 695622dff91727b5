from collections.abc import Sequence
from pathlib import Path
from typing import Optional, Union

import numpy as np
from mmdet3d.registry import HOOKS
from mmengine.dist import all_gather_object, is_main_process
from mmengine.hooks import Hook
from mmengine.hooks.hook import DATA_BATCH
from mmengine.runner import Runner

from ...fileio.depth_file import read_depth_png
from ...fileio.image_file import read_photo
from ...models.segmentors.segmentor_2d import Segmentor2D
from ...structures import SSCDataSample
from ...structures.sample_view import view_of_sample
from ...structures.sensor_voxel import make_sensor_voxel
from ...utils.errors import InputError
from ...utils.model_wrapper import unwrap
from ...visualization.frame_page import write_frame_index, write_frame_page
from ...visualization.scene_index import IndexEntry
from ...visualization.ssc_local_visualizer import SSCLocalVisualizer
from ...visualization.visible_labels import visible_labels
from ...visualization.voxel_export import write_voxel_ply

# where a frame was read from
_FILES = ('img_path', 'depth_path')
# of a validation, in the backends of the log
_NUM_LOGGED = 8


@HOOKS.register_module()
class SSCVisualizationHook(Hook):
    """Write pictures and meshes of predictions during test and validation.

    For each chosen frame three files: ``{sample_idx}.png`` (photo,
    prediction and ground truth), ``{sample_idx}_pred.ply`` and, where there
    is a ground truth, ``{sample_idx}_gt.ply``. A later validation replaces
    the files of an earlier one; the pictures of its first eight frames stay in the
    visualizer's backends (TensorBoard), by the iteration. In a distributed run
    every process writes the frames that it has itself.

    Where the depth image, camera and pose of a frame are known, what the
    sensor saw to be free and what is out of view is not drawn, whatever was
    predicted there (:func:`visible_labels`).

    With ``html`` each frame also gets ``{sample_idx}.html``, a page that one
    can walk around in, and the folder ``index.html``, the frames with the
    lowest mIoU first.

    Args:
        draw (bool): Whether to write anything. Defaults to False.
        html (bool): Whether to write pages, too. Defaults to False.
        out_dir (str, optional): Folder of the files, absolute or relative
            to the current directory. Defaults to None:
            ``{work_dir}/vis``.
        max_samples (int, optional): Most frames in one test or validation,
            for each process. Defaults to None: all.
        interval (int): Only every ``interval``-th batch is written, the
            first one included. Defaults to 1.

    Raises:
        InputError: If ``interval`` is not positive or ``max_samples`` is
            negative.
    """

    priority = 'NORMAL'

    def __init__(
        self,
        draw: bool = False,
        html: bool = False,
        out_dir: Optional[str] = None,
        max_samples: Optional[int] = None,
        interval: int = 1,
    ) -> None:
        if interval < 1:
            raise InputError(f'interval should be positive, but got {interval}')
        if max_samples is not None and max_samples < 0:
            raise InputError(
                f'max_samples should be None or at least 0, but got {max_samples}'
            )
        self.draw = draw
        self.html = html
        self.out_dir = out_dir
        self.max_samples = max_samples
        self.interval = interval
        self._num_written = 0
        # names and files of frames, by the stem of what is written of them
        self._frames: dict[str, tuple[str, Optional[str]]] = {}
        self._entries: list[IndexEntry] = []

    def before_run(self, runner: Runner) -> None:
        """Refuse what cannot be drawn before anything is computed.

        Raises:
            InputError: If ``draw`` is set and the visualizer of the run is
                not a :class:`SSCLocalVisualizer`, or the network is a 2DNet.
        """
        if not self.draw:
            return
        _visualizer_of(runner)
        if isinstance(unwrap(runner.model), Segmentor2D):
            raise InputError(
                'SSCVisualizationHook draws completed scenes, but this config trains '
                'the 2D part of a network alone; leave its draw=True out'
            )

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        """Start counting frames anew."""
        self._num_written = 0
        self._frames = {}
        self._entries = []

    def _after_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: DATA_BATCH = None,
        outputs: Union[Sequence[SSCDataSample], dict, None] = None,
        mode: str = 'train',
    ) -> None:
        """Write the frames of a validation or test batch.

        Args:
            runner (Runner): The run.
            batch_idx (int): Number of the batch, from 0.
            data_batch (dict, optional): Not used.
            outputs (Sequence[SSCDataSample]): Predicted samples.
            mode (str): 'train', 'val' or 'test'.
        """
        if mode == 'train' or not self.draw or batch_idx % self.interval:
            return
        for data_sample in outputs or ():
            if self._num_written == self.max_samples:
                return
            stem = self._write_sample(runner, data_sample)
            if mode == 'val' and self._num_written < _NUM_LOGGED and is_main_process():
                picture = read_photo(str(self._folder(runner) / f'{stem}.png'))
                runner.visualizer.add_image(stem, picture, runner.iter)
            self._num_written += 1

    def _after_epoch(self, runner: Runner, mode: str = 'train') -> None:
        """Write the index of the pages of all processes."""
        if mode == 'train' or not (self.draw and self.html):
            return
        entries: list[IndexEntry] = sum(all_gather_object(self._entries), [])
        # samplers give frames twice, that all processes have as many
        entries = list({entry.page: entry for entry in entries}.values())
        if is_main_process() and entries:
            write_frame_index(self._folder(runner), entries)

    def _folder(self, runner: Runner) -> Path:
        return Path(self.out_dir or Path(runner.work_dir) / 'vis')

    def _stem_of(self, data_sample: SSCDataSample) -> str:
        """Begin the names of a frame's files: 'scene/frame' makes no folder."""
        name = str(data_sample.sample_idx)
        stem = name.replace('/', '_')
        # data sets that are joined may have a frame of one name each
        source = next(filter(None, map(data_sample.get, _FILES)), None)
        known, known_source = self._frames.setdefault(stem, (name, source))
        if (known, known_source) != (name, source):
            of = f" of '{source}'" if known == name else ''
            raise InputError(
                f'frames {known!r} and {name!r}{of} would have the same '
                'files: give one another name'
            )
        return stem

    def _write_sample(self, runner: Runner, data_sample: SSCDataSample) -> str:
        """Write the files of a frame; returns what their names begin with."""
        stem = self._stem_of(data_sample)
        folder = self._folder(runner)
        depth = read_depth(data_sample)
        add_sensor_voxel(data_sample, depth)
        path = data_sample.get('img_path')
        image = None if path is None else read_photo(path)
        visualizer = _visualizer_of(runner)
        visualizer.add_datasample(
            stem, image, data_sample, out_file=str(folder / f'{stem}.png')
        )

        geometry = {
            key: data_sample.get(key)
            for key in ('voxel_size', 'voxel_origin')
            if key in data_sample
        }
        palette = visualizer.dataset_meta['palette']
        labels = visible_labels(data_sample, visualizer.ignore_index)
        for kind, label in zip(('pred', 'gt'), labels):
            if label is not None:
                write_voxel_ply(
                    folder / f'{stem}_{kind}.ply', label, palette, **geometry
                )
        if self.html:
            self._entries.append(
                write_frame_page(
                    folder / f'{stem}.html',
                    data_sample,
                    image,
                    depth,
                    visualizer.dataset_meta,
                )
            )
        return stem


def _visualizer_of(runner: Runner) -> SSCLocalVisualizer:
    visualizer = runner.visualizer
    if not isinstance(visualizer, SSCLocalVisualizer):
        raise InputError(
            'SSCVisualizationHook needs visualizer=dict('
            "type='SSCLocalVisualizer'), but the run has "
            f'{type(visualizer).__name__}'
        )
    return visualizer


def read_depth(data_sample: SSCDataSample) -> Optional[np.ndarray]:
    """Read the depth image of a frame, where the metainfo names one.

    Args:
        data_sample (SSCDataSample): ``depth_path``, optional: a PNG coded
            like NYU's.

    Returns:
        np.ndarray | None: (H, W), metres; 0 is not measured.
    """
    path = data_sample.get('depth_path')
    return None if path is None else read_depth_png(path) / 1000.0


def add_sensor_voxel(data_sample: SSCDataSample, depth: Optional[np.ndarray]) -> None:
    """Add what the depth image says of every voxel, where there is one.

    Args:
        data_sample (SSCDataSample): ``sensor_voxel`` is added if the metainfo
            has the view.
        depth (np.ndarray, optional): Of :func:`read_depth`.
    """
    if depth is None or 'sensor_voxel' in data_sample:
        return
    view = view_of_sample(data_sample, data_sample.pred_voxel_seg.grid_size)
    if view is None:
        return
    data_sample.sensor_voxel = make_sensor_voxel(
        depth, view, data_sample.get('view_size')
    )
