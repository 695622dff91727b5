import torch.nn as nn
from mmdet3d.registry import MODELS
from torch import Tensor

from cleaners.utils.precision import full_precision


@MODELS.register_module()
class LatentKLLoss(nn.Module):
    """KL divergence of normal distributions to the standard normal one.

    Args:
        loss_weight (float): Defaults to 1.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, mean: Tensor, log_var: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            mean (Tensor): Any shape.
            log_var (Tensor): Logarithm of the variance, the same shape.

        Returns:
            Tensor: Scalar, the mean over all elements, weighted.
        """
        mean, log_var = full_precision(mean), full_precision(log_var)
        divergence = mean.square() + log_var.exp() - 1 - log_var
        return self.loss_weight * 0.5 * divergence.mean()
