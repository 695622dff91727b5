"""How scenes are shown to the discriminator."""

from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from torch import Tensor


class SceneDisplay(NamedTuple):
    """Turns labels and logits into what the discriminator sees.

    Attributes:
        num_classes (int): Channels of a scene.
        softmax (bool): Whether a prediction is shown as probabilities, in
            place of raw logits.
        common_mask (bool): Whether labels, too, are 0 in all channels where
            a voxel does not count, in place of being empty there.
    """

    num_classes: int
    softmax: bool
    common_mask: bool

    def show_prediction(self, logits: Tensor, label_weight: Tensor) -> Tensor:
        """Show what a network made of a scene.

        Args:
            logits (Tensor): (B, num_classes, X, Y, Z).
            label_weight (Tensor): (B, X, Y, Z) bool.
        """
        shown = logits.softmax(1) if self.softmax else logits
        return shown * label_weight[:, None]

    def show_labels(
        self,
        label: Tensor,
        label_weight: Tensor,
        dtype: torch.dtype,
        erased: Optional[Tensor] = None,
    ) -> Tensor:
        """Show labels as a prediction that is sure.

        Args:
            label (Tensor): (B, X, Y, Z), of :obj:`FakeScenes`.
            label_weight (Tensor): (B, X, Y, Z) bool.
            dtype (torch.dtype): Of the result.
            erased (Tensor, optional): (B, X, Y, Z) bool, voxels of no class.
                Defaults to None.

        Returns:
            Tensor: (B, num_classes, X, Y, Z), 0 and 1.
        """
        shown = F.one_hot(label.long(), self.num_classes).movedim(-1, 1)
        if erased is not None:
            shown = shown * ~erased[:, None]
        if self.common_mask:
            shown = shown * label_weight[:, None]
        return shown.to(dtype)
