import numpy as np
from mmcv.transforms import BaseTransform
from mmdet3d.registry import TRANSFORMS

from ...fileio.npz_file import read_volume_npz
from ...geometry.mapping import mapping_to_image
from ...utils.errors import InputError, values_are_input


def read_volume(results: dict, path: str, key: str = 'arr_0') -> np.ndarray:
    """Read one array of an ``.npz`` file as a volume of the data set's grid.

    Args:
        results (dict): ``grid_size`` (X, Y, Z) = (sideways, height, depth).
        path (str): The file.
        key (str): Array name in it. Defaults to 'arr_0'.

    Returns:
        np.ndarray: Shape (X, Y, Z), in the file's dtype.

    Raises:
        InputError: If the file is missing, unreadable or of another grid.
    """
    with values_are_input(FileNotFoundError):
        return read_volume_npz(path, key, results['grid_size'])


@TRANSFORMS.register_module()
class LoadTSDF(BaseTransform):
    """Load the truncated signed distance volume that the network sees.

    The clean twin is loaded too where the data set names it
    (``data_prefix.tsdf_cad_path``), which only distillation does.

    Required Keys:

    - grid_size (Sequence[int]): (X, Y, Z).
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
                results[name] = self._read_tsdf(results, results[f'{name}_path'])
        return results

    @staticmethod
    def _read_tsdf(results: dict, path: str) -> np.ndarray:
        tsdf = read_volume(results, path).astype(np.float32)
        # NaN fails this comparison too
        if not np.abs(tsdf).max() <= 1 + 1e-6:
            raise InputError(
                f"'{path}' should hold a TSDF in [-1, 1], but "
                f'ranges from {tsdf.min()} to {tsdf.max()}; '
                'prepare it again'
            )
        return tsdf[None]


@TRANSFORMS.register_module()
class LoadVoxelMapping(BaseTransform):
    """Load which pixel sees the surface of which voxel.

    Convention: ``mapping`` (X*Y*Z,) holds ``row * W + column``, or ``H * W``
    where no pixel sees a surface; voxels in C order of (X, Y, Z).

    Required Keys:

    - grid_size (Sequence[int]): (X, Y, Z).
    - img_size (Sequence[int]): (H, W) of the photo.
    - mapping_path (str)
    - img (np.ndarray, optional): The photo, whose size is checked.
    - img_path (str, optional): Its file, for the message; needed with img.

    Added Keys:

    - mapping2d (np.ndarray): (H, W) int32, the flat voxel index of each
      pixel, -1 for none. It is a ``seg_fields`` entry: mmseg's 2D transforms
      move it with the image (int32, because OpenCV knows no int64).
    - occluded (np.ndarray): (X, Y, Z) bool, no pixel sees a surface there.
    - seg_fields (list[str])

    Raises:
        InputError: If the file is missing, of another grid, or names pixels
            outside the image; or the photo has another size.
    """

    def transform(self, results: dict) -> dict:
        """Load the table and turn it into the image ``mapping2d``."""
        self._check_photo(results)
        path = results['mapping_path']
        # whole numbers may be stored as any type
        mapping = read_volume(results, path).astype(np.int64)
        try:
            mapping2d = mapping_to_image(mapping.reshape(-1), results['img_size'])
        except ValueError as error:
            raise InputError(
                f"'{path}': {error}; was it made for another image size?"
            ) from error
        results['mapping2d'] = mapping2d.astype(np.int32)
        results['occluded'] = mapping == mapping2d.size
        results.setdefault('seg_fields', []).append('mapping2d')
        return results

    @staticmethod
    def _check_photo(results: dict) -> None:
        """Refuse a photo that the mapping was not made for, if there is one."""
        if 'img' not in results:
            return
        photo, wanted = results['img'].shape[:2], tuple(results['img_size'])
        if photo != wanted:
            raise InputError(
                f"'{results['img_path']}' should have {wanted} "
                f'pixels (H, W), as the data set says, but has '
                f'{photo}'
            )


@TRANSFORMS.register_module()
class LoadVoxelAnnotations(BaseTransform):
    """Load the class of every voxel and which voxels count.

    A frame without ground truth passes unchanged.

    Required Keys:

    - grid_size (Sequence[int]): (X, Y, Z).
    - num_classes (int): With the empty class.
    - ignore_index (int): Label that does not count.
    - label_path (str, optional): None where there is no ground truth.
    - tsdf_path (str): Its second array is the label weight.

    Added Keys:

    - label (np.ndarray): (X, Y, Z) int64, 0..num_classes-1 or ignore_index.
    - label_weight (np.ndarray): (X, Y, Z) bool.

    Raises:
        InputError: If a file is missing, of another grid, or has an unknown
            class.
    """

    def transform(self, results: dict) -> dict:
        """Load ``label`` and ``label_weight``."""
        path = results['label_path']
        if path is None:
            return results
        label = read_volume(results, path)
        num_classes, ignored = results['num_classes'], results['ignore_index']
        known = (label >= 0) & (label < num_classes)
        unknown = label[~known & (label != ignored)]
        if unknown.size:
            raise InputError(
                f"'{path}' has the unknown class {unknown[0]}; classes are "
                f'0..{num_classes - 1} and {ignored}'
            )
        results['label'] = label.astype(np.int64)
        weight = read_volume(results, results['tsdf_path'], key='arr_1')
        results['label_weight'] = weight > 0
        return results
