import os.path as osp
from typing import Any, Optional

import cv2
import numpy as np
from mmdet3d.registry import DATASETS
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ..fileio.image_file import read_photo
from ..utils.errors import InputError, values_are_input
from . import nyu
from .clean_twin import TOKEN, find_twin
from .data_profile import UNKNOWN, check_profile_name, guess_profile
from .folder_scan import check_volumes, scan_frames
from .held_out import choose_part
from .prepared import SPLITS, as_tuples, check_scannable, read_annotations, read_poses
from .transforms import LoadVoxelAnnotations

# What the transforms and the data samples take from the metainfo.
SIZE_KEYS = ('voxel_size', 'grid_size', 'img_size', 'ignore_index')
# What only pictures read; data of other projects have none.
OPTIONAL_PATHS = ('depth_path',)
VOLUME_PATHS = ('tsdf_path', 'tsdf_cad_path', 'mapping_path', 'label_path')
# What an annotation file says of itself alone.
OWN_KEYS = ('dataset', 'twin')


@DATASETS.register_module()
class NYUSSCDataset(BaseDataset):
    """NYU semantic scene completion, and every data set prepared like it.

    Frames are listed by an annotation file (what ``tools/create_data.py``
    writes). Data of other projects have none: then ``data_root`` is scanned
    for one of the layouts of :func:`scan_frames`, each with
    ``TSDF/0003.npz``, ``Mapping/0003.npz``, ``Label/0003.npz``. What
    ``tools/create_data.py`` made is never scanned, for it may be unfinished.

    Which files a frame reads is decided by ``data_prefix`` alone: with
    ``tsdf_path='{twin}/TSDF'`` the network sees TSDF-CAD. ``{twin}`` is the
    clean twin, wherever :func:`find_twin` finds it. Frames of anyone's
    camera have ``label_path`` null in the annotation file: they load without
    ground truth, in ``test_mode`` only.

    Sizes and classes are the data set's: ``metainfo`` of the config, else of
    the annotation file, else :attr:`METAINFO`. The transforms read them from
    ``results``, so that a pipeline fits every data set.

    ``profile`` in the metainfo names the rules that the volumes were made by
    (docs/conventions.md). A data set that does not name it counts as
    '3dsketch' if its label weights follow that rule, else as 'unknown'.

    Args:
        ann_file (str): Annotation file, relative to ``data_root``. Without
            one ('', or there is none at all) the folders are scanned.
            Defaults to ''.
        split (str): 'train' or 'test'; what a scan looks for.
        data_prefix (dict): Folder of each kind of file, relative to
            ``data_root``; keys ``img_path``, ``tsdf_path``,
            ``mapping_path``, ``label_path`` and optionally
            ``tsdf_cad_path``, ``seg2d_path``, ``label2d_path`` and
            ``depth_path`` (which frames may lack: it is there for pictures).
            One that begins with ``{twin}`` lies in the clean twin; None drops
            a key that a base config has. A scan finds ``img_path`` itself.
        filter_cfg (dict, optional): ``dict(part='rest', share=0.1)`` leaves
            out a tenth of the frames, ``part='held_out'`` reads these alone,
            and ``fold=1`` means another tenth (:func:`choose_part`). Defaults
            to None: all.
        twin (str): Folder of the clean twin, relative to the current
            directory; only needed where it cannot be found. Defaults to ''.
        poses (str): JSON file with camera and grid of each frame, relative to
            the current directory, for frames that do not say them, such as
            the ``poses.json`` of a twin. Defaults to ''.
        metainfo (dict, optional): Replaces what the annotation file or the
            class says. Defaults to None.
        **kwargs: Of :obj:`mmengine.dataset.BaseDataset`.

    Raises:
        InputError: If ``data_root`` is missing, is unfinished or holds no
            frame, or if the clean twin is asked for and missing.
    """

    METAINFO = dict(
        classes=nyu.CLASSES,
        palette=nyu.PALETTE,
        ignore_index=nyu.IGNORE_INDEX,
        voxel_size=nyu.GRID.voxel_size,
        grid_size=nyu.GRID.shape,
        img_size=nyu.IMG_SIZE,
    )

    # None, which mmengine lets them be, is no folder and no file
    data_root: str
    ann_file: str

    def __init__(
        self,
        ann_file: str = '',
        split: str = 'train',
        data_prefix: Optional[dict] = None,
        twin: str = '',
        poses: str = '',
        metainfo: Optional[dict] = None,
        **kwargs: Any,
    ) -> None:
        if split not in SPLITS:
            raise InputError(f"split should be 'train' or 'test', but got {split!r}")
        self.split = split
        self.twin = twin
        self.poses = poses and read_poses(poses)
        if data_prefix is None:
            data_prefix = dict(
                img_path='',
                tsdf_path='TSDF',
                mapping_path='Mapping',
                label_path='Label',
            )
        self._given_metainfo = set(metainfo or ())
        super().__init__(
            ann_file=ann_file, data_prefix=data_prefix, metainfo=metainfo, **kwargs
        )

    def load_data_list(self) -> list[dict]:
        """List the frames, from the annotation file or from the folders.

        Returns:
            list[dict]: One parsed info a frame, sorted by name in a scan.
        """
        if not osp.isdir(self.data_root):
            raise InputError(
                f"data folder '{self.data_root}' not found: prepare it with "
                'tools/create_data.py (data/README.md), or set data_root'
            )
        recorded = ''
        is_listed = bool(self.ann_file) and osp.isfile(self.ann_file)
        if is_listed:
            annotations = read_annotations(self.ann_file)
            frames = annotations['data_list']
            self._adopt_metainfo(annotations['metainfo'])
            recorded = annotations['metainfo'].get('twin', '')
        else:
            check_scannable(self.data_root, self.ann_file)
            folder, frames = scan_frames(self.data_root, self.split)
            if 'img_path' in self.data_prefix:
                self.data_prefix['img_path'] = folder
            print_log(
                f'no annotation file {self.ann_file}'.rstrip()
                + f': found {len(frames)} '
                f"{self.split} frames in the folders of '{self.data_root}'",
                logger='current',
            )
        if 'profile' not in self._metainfo and 'tsdf_path' in self.data_prefix:
            self._metainfo['profile'] = guess_profile(
                self.data_root,
                frames,
                int(np.prod(self._metainfo['grid_size'])),
                self._metainfo['ignore_index'],
            )
        check_profile_name(self._metainfo.get('profile', UNKNOWN))
        self._place_twin(recorded)
        if not is_listed:
            prefix = self.data_prefix
            check_volumes(frames, {k: prefix[k] for k in VOLUME_PATHS if k in prefix})
        return [self.parse_data_info(frame) for frame in frames]

    def _adopt_metainfo(self, metainfo: dict) -> None:
        """Let the annotation file's metainfo replace the class's own.

        mmengine's rule is the other way round, so that a data set on another
        grid could not say so. Lists become tuples, as in the class's own.
        What is only of one data set stays out: mmengine joins only data sets
        whose metainfo is the same.
        """
        self._metainfo.update(
            {
                key: as_tuples(value)
                for key, value in metainfo.items()
                if key not in self._given_metainfo and key not in OWN_KEYS
            }
        )

    def _join_prefix(self) -> None:
        """Join ``data_root`` to all that is not in the clean twin.

        Where the twin is, the annotation file says.
        """
        for key in [k for k, v in self.data_prefix.items() if v is None]:
            del self.data_prefix[key]
        in_twin = {
            key: prefix
            for key, prefix in self.data_prefix.items()
            if str(prefix).startswith(TOKEN)
        }
        super()._join_prefix()
        self.data_prefix.update(in_twin)

    def _place_twin(self, recorded: str) -> None:
        """Replace the token in ``data_prefix`` by the clean twin."""
        for key, prefix in self.data_prefix.items():
            if prefix.startswith(TOKEN):
                subfolder = prefix[len(TOKEN) :].strip('/')
                twin = find_twin(self.data_root, subfolder, self.twin, recorded)
                self.data_prefix[key] = osp.join(twin, subfolder)

    def parse_data_info(self, raw_data_info: dict) -> dict:
        """Join the folders of ``data_prefix`` to the paths of one frame.

        Paths that ``data_prefix`` does not name are dropped, so that no
        transform loads what the config did not ask for. ``voxel_size``,
        ``grid_size``, ``img_size``, ``ignore_index`` and ``num_classes`` are
        added.
        """
        info = {
            key: value
            for key, value in raw_data_info.items()
            if not key.endswith('_path')
        }
        for key, prefix in self.data_prefix.items():
            if key not in raw_data_info:
                if key in OPTIONAL_PATHS:
                    continue
                listed = osp.isfile(self.ann_file) and self.ann_file
                raise InputError(
                    f"'{listed or self.data_root}' has no {key!r} for frame "
                    f'{raw_data_info.get("sample_idx")}; make it anew, or '
                    'drop the key from data_prefix (None)'
                )
            info[key] = self._join(prefix, raw_data_info, key)
        info['frame'] = info.pop('sample_idx')
        if self.poses:
            info = {**self.poses.get(info['frame'], {}), **info}
        info.update({key: self._metainfo[key] for key in SIZE_KEYS})
        info['num_classes'] = len(self._metainfo['classes'])
        return info

    def _join(self, prefix: str, raw_data_info: dict, key: str) -> Optional[str]:
        """Path of one file; None for the labels of a frame without any."""
        name = raw_data_info[key]
        if name is not None:
            return osp.normpath(osp.join(prefix, name))
        if not self.test_mode:
            raise InputError(
                f"'{self.ann_file}': frame {raw_data_info.get('sample_idx')} "
                f'has no ground truth ({key}); it can only be tested'
            )
        return None

    def filter_data(self) -> list[dict]:
        """Choose the frames that ``filter_cfg`` names."""
        if self.filter_cfg is None:
            return self.data_list
        return choose_part(self.data_list, self.filter_cfg)

    def get_data_info(self, idx: int) -> dict:
        """Return one info; ``sample_idx`` is the frame's name, not a number.

        mmengine overwrites ``sample_idx`` by the position in the list, which
        tells a user nothing about the frame.
        """
        info = super().get_data_info(idx)
        info['sample_idx'] = info.pop('frame')
        return info

    def prepare_data(self, idx: int) -> Any:
        """Run the pipeline on a frame.

        Raises:
            InputError: If it fails, and the photo cannot be read.
        """
        try:
            return super().prepare_data(idx)
        # what mmcv's loading raises does not name the file
        except (AssertionError, cv2.error):
            path = self.get_data_info(idx).get('img_path')
            if path:
                with values_are_input():
                    read_photo(path)
            raise

    def get_cat_ids(self, idx: int) -> list[int]:
        """Return the classes of a frame, of the voxels that count.

        mmengine's :obj:`ClassBalancedDataset` repeats frames by them.

        Raises:
            InputError: If no labels of voxels are read, or the frame has none.
        """
        info = self.get_data_info(idx)
        if not (info.get('label_path') and info.get('tsdf_path')):
            raise InputError(
                f'frame {info.get("sample_idx")!r} has no labels of voxels to balance '
                'classes by: leave ClassBalancedDataset out'
            )
        results = LoadVoxelAnnotations().transform(info)
        label = results['label'][results['label_weight']]
        return np.unique(label[label != results['ignore_index']]).tolist()
