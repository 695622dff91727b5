from dataclasses import dataclass
from typing import ClassVar

import torch.nn as nn
from torch import Tensor

from cleaners.apis.inference import build_network, read_config
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

    def build(self, weights: dict[str, Tensor], names: Names) -> nn.Module:
        """Build the network.

        Args:
            weights (dict[str, Tensor]): Show the sizes: number of classes
                and D.
            names (Names): Not read; of the weights, as CleanerS has them.

        Raises:
            InputError: If the weights lack what shows the sizes.
        """
        cfg = read_config(self.path).model
        if self.is_resized:
            classifier = find_tensor(weights, _CLASSIFIERS, '3D-Sketch')
            cfg.num_classes, cfg.channels = classifier.shape[:2]
        return build_network(cfg)
