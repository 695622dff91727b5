from collections.abc import Sequence
from typing import Optional, Union

import torch
import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor

from ...utils.errors import InputError
from ...utils.precision import full_precision


@MODELS.register_module()
class SmoothCrossEntropyLoss(nn.Module):
    """Cross-entropy with label smoothing, the L3D and L2D of METHOD 3.

    The mean runs over the targets that are not ignored, in the batches of all
    processes together: the gradient that they average is that of one process
    with all the frames. Without any target it is 0 with a zero gradient
    (torch alone gives NaN).

    Args:
        label_smoothing (float): Mass spread over all classes. Defaults to
            0.2.
        ignore_index (int): Target that does not count. Defaults to 255.
        loss_weight (float): Defaults to 1.
        class_weight (Sequence[float], optional): Of each class; the mean is
            then the weighted one, in each process. Defaults to None: all 1.
        weighted_mean (bool): False divides by the number of targets, whatever
            their weights are. Defaults to True.
        count_ignored (bool): Whether the mean runs over the ignored targets,
            too, as if their loss were 0. Defaults to False.
    """

    def __init__(
        self,
        label_smoothing: float = 0.2,
        ignore_index: int = 255,
        loss_weight: float = 1.0,
        class_weight: Optional[Sequence[float]] = None,
        weighted_mean: bool = True,
        count_ignored: bool = False,
    ) -> None:
        super().__init__()
        self.label_smoothing = label_smoothing
        self.ignore_index = ignore_index
        self.loss_weight = loss_weight
        self.class_weight = class_weight
        self.weighted_mean = weighted_mean
        self.count_ignored = count_ignored

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss; in a distributed run every process must.

        Args:
            logits (Tensor): (N, num_classes).
            target (Tensor): (N,) int64, a class or ``ignore_index``.

        Returns:
            Tensor: Scalar, weighted; its mean over the processes is the mean
            over all targets.

        Raises:
            InputError: If ``class_weight`` is of other classes.
        """
        count = (target != self.ignore_index).sum()
        divisor = count
        if self.count_ignored:
            divisor = torch.full_like(count, len(target))
        # before the return: the others wait for this process, too
        share = share_of_targets(divisor)
        if count == 0:
            return logits.sum() * 0
        if self.count_ignored:
            # a quotient of tensors would be float32, whatever the logits
            share = share * (int(count) / len(target))
        if not self.weighted_mean:
            share = share / int(count)
        logits, weight = full_precision(logits), self.class_weight
        if weight is not None and len(weight) != logits.shape[1]:
            raise InputError(
                f'there are {logits.shape[1]} classes, but {len(weight)} weights in '
                'the class_weight of a loss: give one for each, or None'
            )
        return (
            share
            * self.loss_weight
            * F.cross_entropy(
                logits,
                target,
                weight=None if weight is None else logits.new_tensor(weight),
                ignore_index=self.ignore_index,
                reduction='mean' if self.weighted_mean else 'sum',
                label_smoothing=self.label_smoothing,
            )
        )

    def over_labelled(self, loss: Tensor, target: Tensor) -> Optional[Tensor]:
        """Tell a loss as it were without the ignored targets, for the log.

        Args:
            loss (Tensor): What :meth:`forward` gave for ``target``, in a run of
                one process.
            target (Tensor): (N,).

        Returns:
            Tensor | None: Scalar without gradient; None where the loss is that.
        """
        if not self.count_ignored:
            return None
        count = (target != self.ignore_index).sum().clamp(min=1)
        return loss.detach() * (len(target) / int(count))


def share_of_targets(count: Tensor) -> Union[float, Tensor]:
    """Return the targets of this process over the mean of all processes.

    Args:
        count (Tensor): Scalar, int64; the targets that count here.

    Returns:
        float | Tensor: Scalar; 1 in a single process.
    """
    if get_world_size() == 1:
        return 1.0
    mean = count.float()
    all_reduce(mean, op='mean')
    return count / mean
