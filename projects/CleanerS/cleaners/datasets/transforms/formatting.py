from typing import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform, to_tensor
from mmdet3d.registry import TRANSFORMS

from ...structures import SSCDataSample, VoxelData

INPUT_KEYS = ('tsdf', 'tsdf_cad', 'mapping2d')
VOXEL_KEYS = ('label', 'label_weight', 'occluded')


@TRANSFORMS.register_module()
class PackSSCInputs(BaseTransform):
    """Pack what the network reads and what the losses and metrics read.

    Required Keys:

    - img (np.ndarray): (H, W, 3) uint8.
    - tsdf, mapping2d (np.ndarray)
    - tsdf_cad, label, label_weight, occluded (np.ndarray, optional)

    Added Keys:

    - inputs (dict): ``img`` (3, H, W) uint8, ``tsdf`` (1, X, Y, Z) float32,
      ``mapping2d`` (H, W) int64 and, where loaded, ``tsdf_cad``.
    - data_samples (:obj:`SSCDataSample`): ``gt_voxel_seg`` with what is
      loaded of ``label``, ``label_weight`` and ``occluded``.

    Args:
        meta_keys (Sequence[str]): Keys that go to the sample's metainfo where
            they are there.
    """

    def __init__(
        self,
        meta_keys: Sequence[str] = ('sample_idx', 'img_path', 'depth_path',
                                    'cam2img', 'cam2world', 'voxel_origin',
                                    'voxel_size', 'view_size')
    ) -> None:
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict) -> dict:
        """Return ``dict(inputs=..., data_samples=...)``."""
        img = np.ascontiguousarray(results['img'].transpose(2, 0, 1))
        inputs = dict(img=to_tensor(img))
        for key in INPUT_KEYS:
            if key in results:
                inputs[key] = to_tensor(np.ascontiguousarray(results[key]))
        inputs['mapping2d'] = inputs['mapping2d'].to(torch.int64)

        sample = SSCDataSample(metainfo={
            key: results[key]
            for key in self.meta_keys if key in results
        })
        sample.gt_voxel_seg = VoxelData(**{
            key: to_tensor(results[key])
            for key in VOXEL_KEYS if key in results
        })
        return dict(inputs=inputs, data_samples=sample)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(meta_keys={self.meta_keys})'
