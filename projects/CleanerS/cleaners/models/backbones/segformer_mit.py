import pickle
from typing import Tuple

from mmdet3d.registry import MODELS
from mmengine.runner import CheckpointLoader
from mmseg.models.backbones import MixVisionTransformer
from torch.nn import MultiheadAttention

from ...utils.errors import InputError

# The SegFormer release leaves these two norms at torch's default.
DEFAULT_EPS = 1e-5
FROM_SCRATCH = ('or train it from scratch: <model>.backbone.init_cfg=None '
                '<model>.freeze_backbone=False')


@MODELS.register_module()
class SegFormerMiT(MixVisionTransformer):
    """mmseg's Mix Transformer with the LayerNorm epsilons of the release.

    mmseg uses 1e-6 for every LayerNorm. The SegFormer release, whose weights
    CleanerS starts from, has 1e-5 after each patch embedding and after each
    reduction convolution of the attention, and 1e-6 elsewhere. The attention
    runs without materialised weights, which nobody reads. Layers and
    state_dict names are mmseg's.

    Args:
        *args, **kwargs: Of :obj:`mmseg.MixVisionTransformer`.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for patch_embed, blocks, _ in self.layers:
            patch_embed.norm.eps = DEFAULT_EPS
            for block in blocks:
                block.attn.attn.register_forward_pre_hook(
                    _without_weights, with_kwargs=True)
                if block.attn.sr_ratio > 1:
                    block.attn.norm.eps = DEFAULT_EPS

    def init_weights(self) -> None:
        """Fill the weights: at random, or strictly from ``init_cfg``.

        Raises:
            InputError: If the pretrained file cannot be had, or lacks a
                weight of this backbone.
        """
        if not self.init_cfg or self.init_cfg['type'] != 'Pretrained':
            super().init_weights()
            return
        source = self.init_cfg['checkpoint']
        try:
            weights = CheckpointLoader.load_checkpoint(source, 'cpu')
        except (OSError, RuntimeError, pickle.UnpicklingError) as error:
            raise InputError(
                f"pretrained backbone '{source}' cannot be loaded ({error}); "
                'name a local file by --cfg-options '
                f'<model>.backbone.init_cfg.checkpoint=FILE, {FROM_SCRATCH}'
            ) from error
        missing = self.load_state_dict(
            weights.get('state_dict', weights), strict=False).missing_keys
        if missing:
            raise InputError(f"pretrained backbone '{source}' lacks "
                             f'{len(missing)} weights (e.g. {missing[0]}); is '
                             "it of another size, or not in mmseg's naming?")


def _without_weights(attention: MultiheadAttention, args: tuple,
                     kwargs: dict) -> Tuple[tuple, dict]:
    """Let an attention run as one fused kernel."""
    return args, dict(kwargs, need_weights=False)
