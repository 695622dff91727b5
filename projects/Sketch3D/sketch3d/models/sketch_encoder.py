from collections.abc import Sequence
from typing import Optional

from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptMultiConfig
from mmengine.model import BaseModule
from torch import Tensor

from cleaners.models.layers import VolumeStem
from cleaners.models.shared_settings import hand_over
from cleaners.utils.errors import InputError

from .sketch_cvae import NUM_LABELS

# losses of the raw sketch, by those of a head
_RAW_LOSSES = dict(loss_ssc='loss_sketch_raw', loss_iou='loss_sketch_raw_iou')

_CROSS_ENTROPY = dict(type='SmoothCrossEntropyLoss', label_smoothing=0.0)


@MODELS.register_module()
class SketchEncoder(BaseModule):
    """Features of the room's sketch, in the place of those of the TSDF.

    .. code:: text

        TSDF -> stem -> raw_head                  raw sketch R, logits
        argmax R -> cvae                          whole sketch P, logits
        raw_stem(R) + prior_stem(P)               T

    No gradient passes the argmax; stage 2, which reads T, teaches both R and
    P all the same.

    Args:
        channels (int): D, of the result and of ``raw_head``.
        grid_size (Sequence[int]): Voxels along (X, Y, Z), for ``cvae``.
        stem_channels (Sequence[int]): Channels of the first two 3x3x3
            convolutions of all three stems. Defaults to (3, 64).
        raw_head (dict): Of :obj:`SSCHead`: two labels of every voxel, with
            their loss.
        cvae (dict): Of :obj:`SketchCVAE`.
        loss_posterior (dict): Loss of the posterior's sketch, on the voxels
            that count.
        loss_prior (dict): The same of the prior's.
        loss_kl (dict): Loss of the posterior's latent.
        norm_cfg (dict): Norm after each convolution of the stems.
        init_cfg (dict, optional): Defaults to None (torch's own).

    Raises:
        InputError: If ``raw_head`` has a loss of void.
    """

    def __init__(
        self,
        channels: int,
        grid_size: Sequence[int],
        stem_channels: Sequence[int] = (3, 64),
        raw_head: ConfigType = dict(
            type='SSCHead', flip_prob=0.0, loss_ssc=_CROSS_ENTROPY
        ),
        cvae: ConfigType = dict(type='SketchCVAE'),
        loss_posterior: ConfigType = _CROSS_ENTROPY,
        loss_prior: ConfigType = dict(_CROSS_ENTROPY, loss_weight=1.5),
        loss_kl: ConfigType = dict(type='LatentKLLoss', loss_weight=2.0),
        norm_cfg: ConfigType = dict(type='BN3d'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        self.stem = VolumeStem((1, *stem_channels, channels), norm_cfg)
        self.raw_head = MODELS.build(
            hand_over(
                dict(channels=channels, num_classes=NUM_LABELS), 'raw_head', raw_head
            )
        )
        if self.raw_head.loss_void is not None:
            raise InputError(
                'tsdf_encoder.raw_head.loss_void: a sketch has two labels, and no '
                'third output for void; leave it out'
            )
        self.cvae = MODELS.build(hand_over(dict(grid_size=grid_size), 'cvae', cvae))
        widths = (NUM_LABELS, *stem_channels, channels)
        self.raw_stem = VolumeStem(widths, norm_cfg)
        self.prior_stem = VolumeStem(widths, norm_cfg)
        self.loss_posterior = MODELS.build(loss_posterior)
        self.loss_prior = MODELS.build(loss_prior)
        self.loss_kl = MODELS.build(loss_kl)

    def forward(
        self, tsdf: Tensor, sketch: Optional[Tensor] = None
    ) -> dict[str, Tensor]:
        """Find the sketch and encode it.

        Args:
            tsdf (Tensor): (B, 1, X, Y, Z) in [-1, 1].
            sketch (Tensor, optional): True sketch, (B, X, Y, Z) int64, 0 or
                1; what the losses need. Defaults to None.

        Returns:
            dict[str, Tensor]: ``tsdf_feat`` T, (B, D, X, Y, Z);
            ``sketch_raw`` R, logits (B, 2, X, Y, Z); and all of
            :meth:`SketchCVAE.forward`.
        """
        raw = self.raw_head(self.stem(tsdf))
        binary = raw.argmax(1, keepdim=True).to(raw.dtype)
        feats = dict(sketch_raw=raw, **self.cvae(binary, sketch))
        feats['tsdf_feat'] = self.raw_stem(raw) + self.prior_stem(feats['sketch_prior'])
        return feats

    def loss_by_feat(
        self, feats: dict[str, Tensor], sketch: Tensor, label_weight: Tensor
    ) -> dict[str, Tensor]:
        """Compute the losses of the sketches.

        Args:
            feats (dict[str, Tensor]): Of :meth:`forward` with ``sketch``.
            sketch (Tensor): (B, X, Y, Z) int64, 0 or 1.
            label_weight (Tensor): (B, X, Y, Z) bool, the voxels that count.

        Returns:
            dict[str, Tensor]: ``loss_sketch_raw``, ``loss_sketch_posterior``,
            ``loss_sketch_prior`` and ``loss_sketch_kl``, weighted; and
            ``loss_sketch_raw_iou`` where ``raw_head`` has that loss.
        """
        raw = self.raw_head.loss_by_feat(feats['sketch_raw'], sketch, label_weight)
        targets = sketch[label_weight]

        def rows(name: str) -> Tensor:
            return feats[name].permute(0, 2, 3, 4, 1)[label_weight]

        return dict(
            # not what the head tells the log alone
            {new: raw[name] for name, new in _RAW_LOSSES.items() if name in raw},
            loss_sketch_posterior=self.loss_posterior(
                rows('sketch_posterior'), targets
            ),
            loss_sketch_prior=self.loss_prior(rows('sketch_prior'), targets),
            loss_sketch_kl=self.loss_kl(feats['sketch_mean'], feats['sketch_log_var']),
        )
