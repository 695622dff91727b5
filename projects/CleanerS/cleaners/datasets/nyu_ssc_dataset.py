import os.path as osp
import re
from glob import glob
from typing import Any, List, Optional

import numpy as np
from mmdet3d.registry import DATASETS
from mmengine.dataset import BaseDataset
from mmengine.fileio import load
from mmengine.logging import print_log

from ..utils.errors import InputError
from . import nyu
from .transforms import LoadVoxelAnnotations

# Where the folder layouts in use keep the photos of a split.
RGB_FOLDERS = ('{split}set/RGB', '{split}/RGB', 'RGB')
# What the transforms and the data samples take from the metainfo.
SIZE_KEYS = ('voxel_size', 'grid_size', 'img_size', 'ignore_index')
FRAME_NAME = re.compile(r'^(?P<frame>[A-Za-z]*(?P<number>\d{4}))')


@DATASETS.register_module()
class NYUSSCDataset(BaseDataset):
    """NYU semantic scene completion, and every data set prepared like it.

    Frames are listed by an annotation file (what ``tools/create_data.py``
    writes) or, where there is none, found by scanning ``data_root``, which
    then follows one of the layouts in use:

    - ``trainset/RGB/NYU0003_rgb.png`` (CleanerS' README), ``testset/RGB``;
    - ``train/RGB/NYU0003_rgb.png`` (CleanerS' code), ``test/RGB``;
    - ``RGB/NYU0003_colors.png`` with ``train.txt`` and ``test.txt``, one
      frame a line (TorchSSC);

    each with ``TSDF/0003.npz``, ``Mapping/0003.npz``, ``Label/0003.npz``.
    Which files a frame reads is decided by ``data_prefix`` alone: with
    ``tsdf_path='../NYU_clean/TSDF'`` the network sees TSDF-CAD. Frames of
    anyone's camera have ``label_path`` null in the annotation file: they
    load without ground truth, in ``test_mode`` only.

    Sizes and classes are the data set's: ``metainfo`` of the config, else of
    the annotation file, else :attr:`METAINFO`. The transforms read them from
    ``results``, so that a pipeline fits every data set.

    Args:
        ann_file (str): Annotation file, relative to ``data_root``. If it is
            '' or missing the folders are scanned. Defaults to ''.
        split (str): 'train' or 'test'; what a scan looks for.
        data_prefix (dict): Folder of each kind of file, relative to
            ``data_root``; keys ``img_path``, ``tsdf_path``,
            ``mapping_path``, ``label_path`` and optionally
            ``tsdf_cad_path``. A scan finds ``img_path`` itself.
        metainfo (dict, optional): Replaces what the annotation file or the
            class says. Defaults to None.
        **kwargs: Of :obj:`mmengine.dataset.BaseDataset`.

    Raises:
        InputError: If ``data_root`` is missing or holds no frame.
    """

    METAINFO = dict(
        classes=nyu.CLASSES,
        palette=nyu.PALETTE,
        ignore_index=nyu.IGNORE_INDEX,
        voxel_size=nyu.GRID.voxel_size,
        grid_size=nyu.GRID.shape,
        img_size=nyu.IMG_SIZE)

    def __init__(self,
                 ann_file: str = '',
                 split: str = 'train',
                 data_prefix: Optional[dict] = None,
                 metainfo: Optional[dict] = None,
                 **kwargs) -> None:
        if split not in ('train', 'test'):
            raise InputError(f"split should be 'train' or 'test', but got "
                             f'{split!r}')
        self.split = split
        if data_prefix is None:
            data_prefix = dict(
                img_path='',
                tsdf_path='TSDF',
                mapping_path='Mapping',
                label_path='Label')
        self._given_metainfo = set(metainfo or ())
        super().__init__(
            ann_file=ann_file,
            data_prefix=data_prefix,
            metainfo=metainfo,
            **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the frames, from the annotation file or from the folders.

        Returns:
            list[dict]: One parsed info a frame, sorted by name in a scan.
        """
        if not osp.isdir(self.data_root):
            raise InputError(
                f"data folder '{self.data_root}' not found: prepare it with "
                'tools/create_data.py (data/README.md), or set data_root')
        if self.ann_file and osp.isfile(self.ann_file):
            self._adopt_metainfo()
            data_list = super().load_data_list()
            # mmengine joins only data sets whose metainfo is the same
            self._metainfo.pop('dataset', None)
            return data_list
        frames = self._scan()
        print_log(
            f'no annotation file {self.ann_file!r}: found {len(frames)} '
            f'{self.split} frames by scanning '
            f"'{self.data_prefix['img_path']}'",
            logger='current')
        return [self.parse_data_info(frame) for frame in frames]

    def _adopt_metainfo(self) -> None:
        """Let the annotation file's metainfo replace the class's own.

        mmengine's rule is the other way round, so that a data set on another
        grid could not say so. Lists become tuples, as in the class's own.
        """
        annotations = load(self.ann_file)
        if isinstance(annotations, dict):  # else mmengine says what is wrong
            self._metainfo.update({
                key: _as_tuples(value)
                for key, value in annotations.get('metainfo', {}).items()
                if key not in self._given_metainfo
            })

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
                raise InputError(f"'{self.ann_file}' has no {key!r} for "
                                 f"frame {raw_data_info.get('sample_idx')}; "
                                 'make the file anew, or drop the key from '
                                 'data_prefix')
            info[key] = self._join(prefix, raw_data_info, key)
        info['frame'] = info.pop('sample_idx')
        info.update({key: self._metainfo[key] for key in SIZE_KEYS})
        info['num_classes'] = len(self._metainfo['classes'])
        return info

    def _join(self, prefix: str, raw_data_info: dict,
              key: str) -> Optional[str]:
        """Path of one file; None for the labels of a frame without any."""
        name = raw_data_info[key]
        if name is not None:
            return osp.normpath(osp.join(prefix, name))
        if not self.test_mode:
            raise InputError(
                f"'{self.ann_file}': frame {raw_data_info.get('sample_idx')} "
                f'has no ground truth ({key}); it can only be tested')
        return None

    def get_data_info(self, idx: int) -> dict:
        """Return one info; ``sample_idx`` is the frame's name, not a number.

        mmengine overwrites ``sample_idx`` by the position in the list, which
        tells a user nothing about the frame.
        """
        info = super().get_data_info(idx)
        info['sample_idx'] = info.pop('frame')
        return info

    def get_cat_ids(self, idx: int) -> List[int]:
        """Return the classes of a frame, of the voxels that count.

        mmengine's :obj:`ClassBalancedDataset` repeats frames by them.
        """
        results = LoadVoxelAnnotations()(self.get_data_info(idx))
        label = results['label'][results['label_weight']]
        return np.unique(label[label != results['ignore_index']]).tolist()

    def _scan(self) -> List[dict]:
        """Find the frames of the split in the folder layouts in use."""
        for pattern in RGB_FOLDERS:
            folder = osp.join(self.data_root, pattern.format(split=self.split))
            if osp.isdir(folder):
                break
        else:
            raise InputError(
                f"no photos in '{self.data_root}': expected one of "
                f"{[p.format(split=self.split) for p in RGB_FOLDERS]}; "
                'data/README.md shows the layouts')
        self.data_prefix['img_path'] = folder
        photos = sorted(
            osp.basename(path) for path in glob(osp.join(folder, '*.*'))
            if path.endswith(('.png', '.jpg')))
        infos = [
            self._info_from_photo(photo) for photo in photos
            if FRAME_NAME.match(photo)
        ]
        if pattern == 'RGB':
            wanted = self._listed_numbers()
            infos = [i for i in infos if i['tsdf_path'][:4] in wanted]
        if not infos:
            raise InputError(f"no frame of split '{self.split}' in "
                             f"'{folder}'; photos are named like "
                             'NYU0003_rgb.png or NYU0003_colors.png')
        return infos

    @staticmethod
    def _info_from_photo(photo: str) -> dict:
        match = FRAME_NAME.match(photo)
        volume = f"{match['number']}.npz"
        return dict(
            sample_idx=match['frame'],
            img_path=photo,
            tsdf_path=volume,
            tsdf_cad_path=volume,
            mapping_path=volume,
            label_path=volume)

    def _listed_numbers(self) -> set:
        """Read the frame numbers of a flat layout's split file."""
        path = osp.join(self.data_root, f'{self.split}.txt')
        if not osp.isfile(path):
            raise InputError(f"'{path}' not found: a flat RGB folder needs "
                             'the list of the frames of each split')
        with open(path, encoding='utf-8') as file:
            names = [
                osp.basename(line.split()[0]) for line in file if line.strip()
            ]
        matches = [FRAME_NAME.match(name) for name in names]
        if None in matches:
            raise InputError(f"'{path}', line {matches.index(None) + 1}: "
                             f'{names[matches.index(None)]!r} is no frame '
                             'name like NYU0003')
        return {match['number'] for match in matches}


def _as_tuples(value: Any) -> Any:
    """Turn lists into tuples, also inside of lists."""
    if isinstance(value, list):
        return tuple(map(_as_tuples, value))
    return value
