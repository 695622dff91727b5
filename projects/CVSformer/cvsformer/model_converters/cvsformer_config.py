from dataclasses import dataclass
from typing import ClassVar

import torch.nn as nn
from torch import Tensor

from cleaners.apis.inference import build_network, read_config
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

    def build(self, weights: dict[str, Tensor], names: Names) -> nn.Module:
        """Build the network.

        Args:
            weights (dict[str, Tensor]): Show the sizes: numbers of classes
                and of labels, and F.
            names (Names): Not read; of the weights, as CleanerS has them.

        Raises:
            InputError: If the weights lack what shows the sizes.
        """
        cfg = read_config(self.path).model
        if self.is_resized:
            classifier = find_tensor(weights, _CLASSIFIERS, 'CVSformer')
            cfg.num_classes, cfg.channels = classifier.shape[:2]
            first = find_tensor(weights, _FIRST_LAYERS, 'CVSformer')
            cfg.backbone.num_labels = first.shape[1]
        return build_network(cfg)
