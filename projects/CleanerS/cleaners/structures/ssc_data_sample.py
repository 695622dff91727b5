from typing import Optional

import numpy as np
from mmdet3d.structures import Det3DDataSample
from numpy.typing import ArrayLike

from .voxel_data import VoxelData


class SSCDataSample(Det3DDataSample):
    """Data sample of semantic scene completion: one frame.

    - ``gt_voxel_seg``: :obj:`VoxelData` with ``label`` (X, Y, Z) int64 in
      0..num_classes-1 or ``ignore_index``, ``label_weight`` (X, Y, Z) bool
      (the voxels that count) and ``occluded`` (X, Y, Z) bool (no pixel sees
      a surface there).
    - ``pred_voxel_seg``: :obj:`VoxelData` with ``label`` (X, Y, Z) uint8;
      ``scene``, the same without what is void, where the network tells it;
      ``confidence`` (X, Y, Z) float32, in 0..1, of the scene, where the head
      keeps it; from :func:`inference_ssc` also ``logits`` (num_classes, X, Y, Z) and
      ``void`` (X, Y, Z), the probability of it, float32.
    - ``sensor_voxel``: :obj:`VoxelData` with ``free`` and ``outside``
      (X, Y, Z) bool: what the depth image shows to be free, and what is out
      of view (:obj:`~cleaners.geometry.visibility.Visibility`); ``points``
      (X, Y, Z) int64, measured points in each voxel.

    Metainfo: ``sample_idx``, ``img_path``, ``depth_path``, ``cam2img``,
    ``cam2world``, ``voxel_origin``, ``voxel_size``, ``view_size`` (rows and
    columns that the sensor covers, where the image is padded); of
    :obj:`SSCInferencer` also ``photo`` and ``depth``, as the network saw them.
    """

    # behind the properties
    _gt_voxel_seg: VoxelData
    _pred_voxel_seg: VoxelData
    _sensor_voxel: VoxelData
    # of the metainfo, as far as it has them
    sample_idx: str
    cam2img: ArrayLike
    cam2world: ArrayLike
    voxel_origin: ArrayLike
    voxel_size: float
    photo: Optional[np.ndarray]
    depth: np.ndarray

    @property
    def gt_voxel_seg(self) -> VoxelData:
        """VoxelData: Ground truth of every voxel."""
        return self._gt_voxel_seg

    @gt_voxel_seg.setter
    def gt_voxel_seg(self, value: VoxelData) -> None:
        self.set_field(value, '_gt_voxel_seg', dtype=VoxelData)

    @gt_voxel_seg.deleter
    def gt_voxel_seg(self) -> None:
        del self._gt_voxel_seg

    @property
    def pred_voxel_seg(self) -> VoxelData:
        """VoxelData: Prediction for every voxel."""
        return self._pred_voxel_seg

    @pred_voxel_seg.setter
    def pred_voxel_seg(self, value: VoxelData) -> None:
        self.set_field(value, '_pred_voxel_seg', dtype=VoxelData)

    @pred_voxel_seg.deleter
    def pred_voxel_seg(self) -> None:
        del self._pred_voxel_seg

    @property
    def sensor_voxel(self) -> VoxelData:
        """VoxelData: What the depth image says of every voxel."""
        return self._sensor_voxel

    @sensor_voxel.setter
    def sensor_voxel(self, value: VoxelData) -> None:
        self.set_field(value, '_sensor_voxel', dtype=VoxelData)

    @sensor_voxel.deleter
    def sensor_voxel(self) -> None:
        del self._sensor_voxel


SampleList = list[SSCDataSample]
OptSampleList = Optional[SampleList]
