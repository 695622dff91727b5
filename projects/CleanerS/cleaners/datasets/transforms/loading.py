from typing import Sequence, Tuple

import numpy as np
from mmcv.transforms import BaseTransform
from mmdet3d.registry import TRANSFORMS

from ...geometry.npz_file import read_npz
from ...utils.errors import InputError


def read_volume(path: str, key: str, size: int) -> np.ndarray:
    """Read one flat volume from an ``.npz`` file.

    Args:
        path (str): The file.
        key (str): Array name in it, ``arr_0`` or ``arr_1``.
        size (int): Number of voxels that the array must have.

    Returns:
        np.ndarray: Shape (size,), in the file's dtype.

    Raises:
        InputError: If the file is missing, unreadable or of another size.
    """
    try:
        return read_npz(path, key, size)
    except (ValueError, FileNotFoundError) as error:
        raise InputError(str(error)) from error


class LoadVolumeTransform(BaseTransform):
    """Base of the transforms that read volumes.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z) = (sideways,
            height, depth). Defaults to (60, 36, 60).
    """

    def __init__(self, grid_size: Sequence[int] = (60, 36, 60)) -> None:
        self.grid_size: Tuple[int, ...] = tuple(grid_size)

    def read(self, path: str, key: str = 'arr_0') -> np.ndarray:
        """Read one array as a (X, Y, Z) volume."""
        volume = read_volume(path, key, int(np.prod(self.grid_size)))
        return volume.reshape(self.grid_size)

    def __repr__(self) -> str:
        return f'{type(self).__name__}(grid_size={self.grid_size})'


@TRANSFORMS.register_module()
class LoadTSDF(LoadVolumeTransform):
    """Load the truncated signed distance volume that the network sees.

    The clean twin is loaded too where the data set names it
    (``data_prefix.tsdf_cad_path``), which only distillation does.

    Required Keys:

    - tsdf_path (str)
    - tsdf_cad_path (str, optional)

    Added Keys:

    - tsdf (np.ndarray): (1, X, Y, Z) float32 in [-1, 1].
    - tsdf_cad (np.ndarray, optional): The same of the perfect surface.

    Raises:
        InputError: If a file is missing, of another grid, or not finite.
    """

    def transform(self, results: dict) -> dict:
        """Load ``tsdf`` and, where named, ``tsdf_cad``."""
        for name in ('tsdf', 'tsdf_cad'):
            if f'{name}_path' in results:
                results[name] = self._read_tsdf(results[f'{name}_path'])
        return results

    def _read_tsdf(self, path: str) -> np.ndarray:
        tsdf = self.read(path).astype(np.float32)
        # NaN fails this comparison too
        if not np.abs(tsdf).max() <= 1 + 1e-6:
            raise InputError(f"'{path}' should hold a TSDF in [-1, 1], but "
                             f'ranges from {tsdf.min()} to {tsdf.max()}; '
                             'prepare it again')
        return tsdf[None]


@TRANSFORMS.register_module()
class LoadVoxelMapping(LoadVolumeTransform):
    """Load which pixel sees the surface of which voxel.

    Convention: ``mapping`` (X*Y*Z,) holds ``row * W + column``, or ``H * W``
    where no pixel sees a surface; voxels in C order of (X, Y, Z).

    Required Keys:

    - mapping_path (str)

    Added Keys:

    - mapping2d (np.ndarray): (H, W) int32, the flat voxel index of each
      pixel, -1 for none. It is a ``seg_fields`` entry: mmseg's 2D transforms
      move it with the image (int32, because OpenCV knows no int64).
    - occluded (np.ndarray): (X, Y, Z) bool, no pixel sees a surface there.
    - seg_fields (list[str])

    Args:
        img_size (Sequence[int]): (H, W) of the photo. Defaults to (480, 640).
        grid_size (Sequence[int]): Defaults to (60, 36, 60).

    Raises:
        InputError: If the file is missing, of another grid, or names pixels
            outside the image.
    """

    def __init__(self,
                 img_size: Sequence[int] = (480, 640),
                 grid_size: Sequence[int] = (60, 36, 60)) -> None:
        super().__init__(grid_size)
        self.img_size = tuple(img_size)

    def transform(self, results: dict) -> dict:
        """Load the table and turn it into the image ``mapping2d``."""
        path = results['mapping_path']
        mapping = self.read(path).reshape(-1)
        num_pixels = self.img_size[0] * self.img_size[1]
        if mapping.min() < 0 or mapping.max() > num_pixels:
            raise InputError(
                f"'{path}' should hold pixels 0..{num_pixels - 1} or "
                f'{num_pixels} for none, but ranges from {mapping.min()} to '
                f'{mapping.max()}; was it made for another image size?')
        seen = np.flatnonzero(mapping != num_pixels)
        mapping2d = np.full(num_pixels, -1, dtype=np.int32)
        mapping2d[mapping[seen].astype(np.int64)] = seen
        results['mapping2d'] = mapping2d.reshape(self.img_size)
        results['occluded'] = (mapping == num_pixels).reshape(self.grid_size)
        results.setdefault('seg_fields', []).append('mapping2d')
        return results


@TRANSFORMS.register_module()
class LoadVoxelAnnotations(LoadVolumeTransform):
    """Load the class of every voxel and which voxels count.

    A frame without ground truth passes unchanged.

    Required Keys:

    - label_path (str, optional): None where there is no ground truth.
    - tsdf_path (str): Its second array is the label weight.

    Added Keys:

    - label (np.ndarray): (X, Y, Z) int64, 0..num_classes-1 or ignore_index.
    - label_weight (np.ndarray): (X, Y, Z) bool.

    Args:
        num_classes (int): With the empty class. Defaults to 12.
        ignore_index (int): Defaults to 255.
        grid_size (Sequence[int]): Defaults to (60, 36, 60).

    Raises:
        InputError: If a file is missing, of another grid, or has an unknown
            class.
    """

    def __init__(self,
                 num_classes: int = 12,
                 ignore_index: int = 255,
                 grid_size: Sequence[int] = (60, 36, 60)) -> None:
        super().__init__(grid_size)
        self.num_classes = num_classes
        self.ignore_index = ignore_index

    def transform(self, results: dict) -> dict:
        """Load ``label`` and ``label_weight``."""
        path = results['label_path']
        if path is None:
            return results
        label = self.read(path)
        known = (label >= 0) & (label < self.num_classes)
        unknown = label[~known & (label != self.ignore_index)]
        if unknown.size:
            raise InputError(
                f"'{path}' has the unknown class {unknown[0]}; classes are "
                f'0..{self.num_classes - 1} and {self.ignore_index}')
        results['label'] = label.astype(np.int64)
        weight = self.read(results['tsdf_path'], key='arr_1')
        results['label_weight'] = weight > 0
        return results
