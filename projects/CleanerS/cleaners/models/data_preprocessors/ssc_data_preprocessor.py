from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmdet3d.models import Det3DDataPreprocessor
from mmdet3d.registry import MODELS
from torch import Tensor

from ...utils.errors import InputError

# What fills the padding at the bottom and right of each input.
VOLUME_KEYS = ('tsdf', 'tsdf_cad')
# voxels of pixels: none; labels of pixels: unknown
PIXEL_KEYS = dict(mapping2d=-1, seg2d=0)


@MODELS.register_module()
class SSCDataPreprocessor(Det3DDataPreprocessor):
    """Normalise and pad the photo, stack the volumes, move all to the device.

    Images are padded *after* normalisation, with 0, ``mapping2d`` with -1,
    ``seg2d`` with 0, all at the bottom and right up to ``img_size`` (METHOD
    section 4).

    Args:
        img_size (Sequence[int]): (H, W) that the network gets.
        **kwargs: Of :obj:`mmdet3d.models.Det3DDataPreprocessor`.
    """

    def __init__(self, img_size: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.img_size = tuple(img_size)

    def simple_process(self, data: dict, training: bool = False) -> dict:
        """Collate one batch.

        Args:
            data (dict): ``inputs`` and ``data_samples`` of the data loader,
                a list of one entry a frame under each key.
            training (bool): Passed on to the base class.

        Returns:
            dict: ``inputs`` with what was given of ``imgs`` (B, 3, H, W)
            float32, ``tsdf`` and ``tsdf_cad`` (B, 1, X, Y, Z) float32,
            ``mapping2d`` and ``seg2d`` (B, H, W) int64; ``data_samples`` as
            they came.
        """
        inputs = dict(data['inputs'])
        ours = {
            key: inputs.pop(key) for key in (*VOLUME_KEYS, *PIXEL_KEYS) if key in inputs
        }
        # it gives back what it is given: a dict
        extra: dict[str, Sequence[Tensor]]
        extra = self.cast_data(ours)  # type: ignore[assignment]
        batch = super().simple_process(dict(data, inputs=inputs), training)
        for key, value in PIXEL_KEYS.items():
            if key in extra:
                batch['inputs'][key] = torch.stack(
                    [self._pad(image, value) for image in extra[key]]
                )
        for key in VOLUME_KEYS:
            if key in extra:
                batch['inputs'][key] = torch.stack(list(extra[key]))
        return batch

    def preprocess_img(self, _batch_img: Tensor) -> Tensor:
        """Normalise one (3, h, w) image, then pad it to ``img_size``."""
        return self._pad(super().preprocess_img(_batch_img), 0)

    def _pad(self, image: Tensor, value: int) -> Tensor:
        height, width = image.shape[-2:]
        if height > self.img_size[0] or width > self.img_size[1]:
            raise InputError(
                f'an image of {height} x {width} does not fit '
                f'img_size {self.img_size}; crop it in the '
                'pipeline'
            )
        return F.pad(
            image,
            (0, self.img_size[1] - width, 0, self.img_size[0] - height),
            value=value,
        )
