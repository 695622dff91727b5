from typing import Any

from mmdet3d.registry import MODELS
from mmseg.models.backbones import MixVisionTransformer
from torch.nn import MultiheadAttention

from .strict_pretrained import StrictPretrained

# The SegFormer release leaves these two norms at torch's default.
DEFAULT_EPS = 1e-5


@MODELS.register_module()
class SegFormerMiT(StrictPretrained, MixVisionTransformer):
    """mmseg's Mix Transformer with the LayerNorm epsilons of the release.

    mmseg uses 1e-6 for every LayerNorm. The SegFormer release, whose weights
    CleanerS starts from, has 1e-5 after each patch embedding and after each
    reduction convolution of the attention, and 1e-6 elsewhere. The attention
    runs without materialised weights, which nobody reads. Layers and
    state_dict names are mmseg's.

    Args:
        *args, **kwargs: Of :obj:`mmseg.MixVisionTransformer`.
    """

    layers: Any  # a patch embedding, blocks and a norm each

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for patch_embed, blocks, _ in self.layers:
            patch_embed.norm.eps = DEFAULT_EPS
            for block in blocks:
                block.attn.attn.register_forward_pre_hook(
                    _without_weights, with_kwargs=True
                )
                if block.attn.sr_ratio > 1:
                    block.attn.norm.eps = DEFAULT_EPS


def _without_weights(
    attention: MultiheadAttention, args: tuple, kwargs: dict
) -> tuple[tuple, dict]:
    """Let an attention run as one fused kernel."""
    return args, {**kwargs, 'need_weights': False}
