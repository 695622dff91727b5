from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform, to_tensor
from mmdet3d.registry import TRANSFORMS

from ...structures import SSCDataSample, VoxelData
from ...utils.errors import InputError

INPUT_KEYS = ('img', 'tsdf', 'tsdf_cad', 'mapping2d', 'seg2d')
# indices, whatever the files hold
INDEX_KEYS = ('mapping2d', 'seg2d')
VOXEL_KEYS = ('label', 'label_weight', 'occluded')


@TRANSFORMS.register_module()
class PackSSCInputs(BaseTransform):
    """Pack what the network reads and what the losses and metrics read.

    Required Keys:

    - img (np.ndarray, optional): (H, W, 3) uint8.
    - tsdf, tsdf_cad, mapping2d, seg2d (np.ndarray, optional)
    - label, label_weight, occluded (np.ndarray, optional)

    Added Keys:

    - inputs (dict): of ``keys`` what is loaded: ``img`` (3, H, W) uint8,
      ``tsdf`` and ``tsdf_cad`` (1, X, Y, Z) float32, ``mapping2d`` and
      ``seg2d`` (H, W) int64.
    - data_samples (:obj:`SSCDataSample`): ``gt_voxel_seg`` with what is
      loaded of ``label``, ``label_weight`` and ``occluded``.

    Args:
        keys (Sequence[str]): What the network reads. Defaults to all.
        meta_keys (Sequence[str]): Keys that go to the sample's metainfo where
            they are there.
    """

    def __init__(
        self,
        keys: Sequence[str] = INPUT_KEYS,
        meta_keys: Sequence[str] = (
            'sample_idx',
            'img_path',
            'depth_path',
            'cam2img',
            'cam2world',
            'voxel_origin',
            'voxel_size',
            'view_size',
        ),
    ) -> None:
        unknown = sorted(set(keys) - set(INPUT_KEYS))
        if unknown:
            raise InputError(
                f'PackSSCInputs cannot pack {unknown}; it knows {list(INPUT_KEYS)}'
            )
        self.keys = tuple(keys)
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Return ``dict(inputs=..., data_samples=...)``."""
        inputs = {}
        for key in self.keys:
            if key in results:
                array = results[key]
                if key == 'img':
                    array = array.transpose(2, 0, 1)
                inputs[key] = to_tensor(np.ascontiguousarray(array))
        for key in INDEX_KEYS:
            if key in inputs:
                inputs[key] = inputs[key].to(torch.int64)

        sample = SSCDataSample(
            metainfo={key: results[key] for key in self.meta_keys if key in results}
        )
        sample.gt_voxel_seg = VoxelData()
        sample.gt_voxel_seg.set_data(
            {key: to_tensor(results[key]) for key in VOXEL_KEYS if key in results}
        )
        return dict(inputs=inputs, data_samples=sample)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(keys={self.keys}, meta_keys={self.meta_keys})'
