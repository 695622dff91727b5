from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor

from cleaners.model_converters.official import NetworkConfig, find_tensor
from cleaners.models.official_keys import KeyTable, Names

from ..models.official_keys import SKETCH3D

# the last layer, which shows the number of classes and D
_CLASSIFIERS = ('stage2.classify_semantic.2.1.weight', 'decode_head.classifier.weight')


@dataclass(frozen=True)
class SketchConfig(NetworkConfig):
    """The network of 3D-Sketch that weights must fit exactly.

    Attributes:
        path (str): Config.
        is_resized (bool): Whether it takes the sizes of the weights.
        table (KeyTable): Names of the method's parts.
    """

    table: ClassVar[KeyTable] = SKETCH3D

    def resize(self, cfg: dict, weights: dict[str, Tensor], names: Names) -> dict:
        """Take number of classes and D from the weights, by names of either."""
        classifier = find_tensor(weights, _CLASSIFIERS, '3D-Sketch')
        num_classes, channels = classifier.shape[:2]
        return dict(cfg, num_classes=num_classes, channels=channels)
