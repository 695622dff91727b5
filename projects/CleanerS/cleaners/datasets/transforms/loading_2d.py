import numpy as np
from mmcv.transforms import BaseTransform
from mmdet3d.registry import TRANSFORMS

from ...fileio.label_image import read_label_image
from ...utils.errors import InputError, values_are_input
from .. import nyu


def read_labels_2d(results: dict, key: str, num_labels: int) -> np.ndarray:
    """Read an image of labels, of the size of the photo.

    Args:
        results (dict): ``img_size`` (H, W), and the path under ``key``.
        key (str): 'seg2d_path' or 'label2d_path'.
        num_labels (int): Labels are below it.

    Returns:
        np.ndarray: (H, W) uint8.

    Raises:
        InputError: If the data set names no such file, or it is missing, of
            another size or kind, or has other labels.
    """
    if not results.get(key):
        raise InputError(
            f'frame {results.get("sample_idx")} has no {key!r}: '
            "name its folder in the data set's data_prefix"
        )
    with values_are_input(OSError):
        return read_label_image(results[key], results['img_size'], num_labels)


@TRANSFORMS.register_module()
class LoadSeg2D(BaseTransform):
    """Load a predicted 2D segmentation, which a network sees as its input.

    Of NYU, the public one knows the test labels: see
    ``tools/analysis_tools/seg2d_leak.py`` and data/README.md.

    Required Keys:

    - img_size (Sequence[int]): (H, W).
    - seg2d_path (str)

    Added Keys:

    - seg2d (np.ndarray): (H, W) uint8, 0 is unknown. It is a ``seg_fields``
      entry, so that mmseg's 2D transforms move it.
    - seg_fields (list[str])

    Args:
        num_labels (int): Labels are 0..num_labels-1. Defaults to 14.

    Raises:
        InputError: As :func:`read_labels_2d`.
    """

    def __init__(self, num_labels: int = nyu.NUM_SEG2D_LABELS) -> None:
        self.num_labels = num_labels

    def transform(self, results: dict) -> dict:
        """Load ``seg2d``."""
        results['seg2d'] = read_labels_2d(results, 'seg2d_path', self.num_labels)
        results.setdefault('seg_fields', []).append('seg2d')
        return results


@TRANSFORMS.register_module()
class LoadLabel2D(BaseTransform):
    """Load the 2D ground truth of NYU, in the classes of the benchmark.

    For training a 2D network on the photos; never an input.

    Required Keys:

    - img_size (Sequence[int]): (H, W).
    - label2d_path (str): Image of NYU's 40 classes, see
      :func:`nyu.map_label2d`.

    Added Keys:

    - gt_seg_map (np.ndarray): (H, W) uint8, 1..11 or 255.
    - seg_fields (list[str])
    - reduce_zero_label (bool): False, for mmseg.

    Raises:
        InputError: As :func:`read_labels_2d`.
    """

    def transform(self, results: dict) -> dict:
        """Load ``gt_seg_map``."""
        labels = read_labels_2d(results, 'label2d_path', nyu.NUM_LABEL2D_CLASSES)
        results['gt_seg_map'] = nyu.map_label2d(labels)
        results['reduce_zero_label'] = False
        results.setdefault('seg_fields', []).append('gt_seg_map')
        return results
