from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Optional

import numpy as np
import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import UpsampleBlock3d, VolumeStem
from cleaners.models.layers.ddr_stage import check_grid
from cleaners.utils.errors import InputError
from cleaners.utils.precision import full_precision

NUM_LABELS = 2  # sketch or not
_FIRST_CHANNELS = 3


@MODELS.register_module()
class SketchCVAE(BaseModule):
    """Conditional variational auto-encoder: whole sketches of a room.

    Its condition is the raw sketch. The prior, a standard normal latent
    volume at 1/4 of the grid, gives the sketch that the network goes on with,
    the mean of some samples. In training there is a second one, the
    posterior, of the latent that the true sketch is recognised as.

    Training draws the latents from torch's generator. In eval mode they are
    always the same, for every frame, so that a prediction can be repeated.

    Args:
        grid_size (Sequence[int]): Voxels along (X, Y, Z), multiples of 4.
        channels (int): Of the latent volume and of all layers. Defaults to
            16.
        dropout (float): Channel dropout before the classifier. Defaults to
            0.1.
        num_samples (int): Latents of a forward pass in training. Defaults to
            4.
        num_test_samples (int): The same in eval mode: more cost time and bring
            the mean closer to that of the prior. Defaults to 4.
        seed (int): Of the latents in eval mode. Defaults to 0.
        norm_cfg (dict): Norm after each convolution.
        init_cfg (dict, optional): Defaults to None (torch's own).

    Raises:
        InputError: If a grid axis is no multiple of 4, or there is no sample.
    """

    latents: Tensor

    def __init__(
        self,
        grid_size: Sequence[int],
        channels: int = 16,
        dropout: float = 0.1,
        num_samples: int = 4,
        num_test_samples: int = 4,
        seed: int = 0,
        norm_cfg: ConfigType = dict(type='BN3d'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        check_grid(tuple(grid_size))
        if min(num_samples, num_test_samples) < 1:
            raise InputError(
                'num_samples and num_test_samples should be 1 or '
                f'more, but got {num_samples} and '
                f'{num_test_samples}'
            )
        self.num_samples = num_samples
        self.condition_encoder = _make_encoder(1, channels, norm_cfg)
        self.recognition_encoder = _make_encoder(2, channels, norm_cfg)
        self.mean = nn.Conv3d(channels, channels, 1)
        self.log_var = nn.Conv3d(channels, channels, 1)
        self.decoder = nn.Sequential(
            UpsampleBlock3d(2 * channels, channels, norm_cfg),
            UpsampleBlock3d(channels, channels, norm_cfg),
            nn.Dropout3d(dropout),
            nn.Conv3d(channels, NUM_LABELS, 1),
        )
        quarter = [size // 4 for size in grid_size]
        # constants, not weights; an exported network holds them
        self.register_buffer(
            'latents',
            draw_latents(seed, (num_test_samples, 1, channels, *quarter)),
            persistent=False,
        )

    def forward(
        self, binary: Tensor, sketch: Optional[Tensor] = None
    ) -> dict[str, Tensor]:
        """Complete the raw sketch.

        Args:
            binary (Tensor): Raw sketch, (B, 1, X, Y, Z) float, 0 or 1.
            sketch (Tensor, optional): True sketch, (B, X, Y, Z) int64, 0 or
                1. Defaults to None: no posterior.

        Returns:
            dict[str, Tensor]: ``sketch_prior``, logits (B, 2, X, Y, Z); with
            a true sketch also ``sketch_posterior``, the same, and
            ``sketch_mean`` and ``sketch_log_var`` of its latent
            (B, channels, X/4, Y/4, Z/4).
        """
        condition = self.condition_encoder(binary)
        latent = {} if sketch is None else self._recognise(binary, sketch)
        count = self.num_samples if self.training else len(self.latents)
        posterior, prior = [], []
        for index in range(count):
            # the posterior first: the order of the authors' draws
            if latent:
                normal = self._draw(condition, index)
                posterior.append(self._decode(condition, _scale(normal, **latent)))
            prior.append(self._decode(condition, self._draw(condition, index)))
        feats = dict(latent, sketch_prior=reduce(add, prior) / count)
        if latent:
            feats['sketch_posterior'] = reduce(add, posterior) / count
        return feats

    def _recognise(self, binary: Tensor, sketch: Tensor) -> dict[str, Tensor]:
        """Return mean and log-variance of the latent of the true sketch."""
        seen = torch.cat((binary, sketch.unsqueeze(1).to(binary.dtype)), 1)
        feat = self.recognition_encoder(seen)
        return dict(
            sketch_mean=full_precision(self.mean(feat)),
            sketch_log_var=full_precision(self.log_var(feat)),
        )

    def _draw(self, like: Tensor, index: int) -> Tensor:
        """Return a standard normal latent, a fixed one in eval mode."""
        if self.training:
            # the same numbers in whatever order the memory is
            return torch.randn_like(like, memory_format=torch.contiguous_format)
        return self.latents[index].to(like.dtype).expand_as(like)

    def _decode(self, condition: Tensor, latent: Tensor) -> Tensor:
        """Return the logits of one sample, (B, 2, X, Y, Z)."""
        return self.decoder(torch.cat((condition, latent.to(condition.dtype)), 1))


def _scale(normal: Tensor, sketch_mean: Tensor, sketch_log_var: Tensor) -> Tensor:
    """Give standard normal numbers a mean and a variance."""
    return sketch_mean + normal * (sketch_log_var / 2).exp()


def _make_encoder(
    in_channels: int, channels: int, norm_cfg: ConfigType
) -> nn.Sequential:
    """Build what takes a volume to 1/4 of the grid."""
    return nn.Sequential(
        VolumeStem((in_channels, _FIRST_CHANNELS, channels, channels), norm_cfg),
        nn.AvgPool3d(2),
        VolumeStem((channels, channels), norm_cfg),
        nn.AvgPool3d(2),
        VolumeStem((channels, channels), norm_cfg),
    )


def draw_latents(seed: int, shape: Sequence[int]) -> Tensor:
    """Draw standard normal numbers that depend on nothing but the seed.

    By numpy's legacy generator, whose stream no version changes.

    Args:
        seed (int): 0..2**32-1.
        shape (Sequence[int]): Of the result.

    Returns:
        Tensor: float32.
    """
    numbers = np.random.RandomState(seed).standard_normal(shape)
    return torch.from_numpy(numbers.astype(np.float32))
