from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from cleaners.model_converters.official import NetworkConfig, find_tensor
from cleaners.models.official_keys import KeyTable, Names

from ..models.official_keys import CVSFORMER

# the last layer, which shows the number of classes and F
_CLASSIFIERS = ('stage2.classify_semantic.2.1.weight', 'decode_head.classifier.weight')
# the first one, which shows the number of labels
_FIRST_LAYERS = ('stage2.oper_raw.0.weight', 'backbone.0.0.weight')


@dataclass(frozen=True)
class CVSformerConfig(NetworkConfig):
    """The network of CVSformer that weights must fit exactly.

    Attributes:
        path (str): Config.
        is_resized (bool): Whether it takes the sizes of the weights, but for
            the grid.
        table (KeyTable): Names of the method's parts.
    """

    table: ClassVar[KeyTable] = CVSFORMER

    def resize(self, cfg: dict, weights: dict[str, Tensor], names: Names) -> dict:
        """Take numbers of classes and labels, and F, by names of either."""
        classifier = find_tensor(weights, _CLASSIFIERS, 'CVSformer')
        num_classes, channels = classifier.shape[:2]
        first = find_tensor(weights, _FIRST_LAYERS, 'CVSformer')
        backbone = dict(cfg['backbone'], num_labels=first.shape[1])
        return dict(cfg, num_classes=num_classes, channels=channels, backbone=backbone)
