import copy
from dataclasses import dataclass
from typing import ClassVar

import torch.nn as nn
from mmdet3d.registry import MODELS
from torch import Tensor

from cleaners.apis.inference import read_config
from cleaners.model_converters.official import NetworkConfig
from cleaners.models.official_keys import OUR_NAMES, KeyTable, Names
from cleaners.utils.checkpoint import state_dict_of
from cleaners.utils.errors import InputError

from ..engine.hooks.discriminator_hook import ENTRY
from ..models.official_keys import AMMNET

# the prefix of its keys, here and in the checkpoint's own entry
_PREFIX = 'discriminator.'


@dataclass(frozen=True)
class AdversarialConfig(NetworkConfig):
    """A network with its discriminator, as the authors keep them: in one.

    Attributes:
        path (str): Config with an :obj:`AdversarialTrainer`.
        is_resized (bool): As in :obj:`NetworkConfig`.
    """

    table: ClassVar[KeyTable] = AMMNET

    def build(self, weights: dict[str, Tensor], names: Names) -> nn.Module:
        """Build the network, the discriminator a part of it.

        Raises:
            InputError: If the config or the weights have none.
        """
        cfg = read_config(self.path).model.get('discriminator')
        stem = (
            'disc.conv1.weight' if names is not OUR_NAMES else f'{_PREFIX}stem.weight'
        )
        for where, there in (('the config', cfg), ('it', stem in weights)):
            if not there:
                raise InputError(f'there is no discriminator in {where}')
        network = super().build(weights, names)
        cfg = dict(
            copy.deepcopy(cfg),
            grid_size=network.grid_size,
            num_classes=network.num_classes,
        )
        if self.is_resized:
            cfg['channels'] = len(weights[stem])
        network.add_module('discriminator', MODELS.build(cfg))
        return network

    def pack(self, weights: dict[str, Tensor]) -> dict:
        """Keep the discriminator beside the network."""
        own = {k: v for k, v in weights.items() if k.startswith(_PREFIX)}
        network = {k: v for k, v in weights.items() if k not in own}
        return {'state_dict': network, ENTRY: own}

    def unpack(self, checkpoint: dict) -> dict[str, Tensor]:
        """Return the weights of both."""
        return {**state_dict_of(checkpoint), **checkpoint.get(ENTRY, {})}
