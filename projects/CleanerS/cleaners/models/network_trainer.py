from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from typing import Any, Union

import torch
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType
from mmengine.model import BaseModel
from torch import Tensor

from ..structures import FrameSizes
from ..structures.ssc_data_sample import OptSampleList, SampleList
from ..utils.errors import InputError
from ..utils.model_wrapper import unwrap
from .segmentors import SSCSegmentor
from .segmentors.base_ssc_segmentor import LossesAndLogits

# of the differences between two states, those that a message shows
_SHOWN = 3


class NetworkTrainer(BaseModel, metaclass=ABCMeta):
    """Base of the models that train a network, and are it for all others.

    They add to its losses. Prediction is the network's, and so is their
    state, key for key: every checkpoint of such a run *is* one of the
    network. What they train for themselves is in :meth:`own_state_dict`,
    which a hook keeps in the checkpoint beside the network.

    Sizes and classes are the network's, and are attributes here as there.

    Args:
        network (dict): Config of an :obj:`SSCSegmentor`, or of another
            trainer of one.
        init_cfg (dict, optional): Defaults to None.

    Attributes:
        network_name (str): Under which the network is an attribute.
        other_name (str): What another :meth:`own_state_dict` is of, for
            messages.
    """

    network_name: str
    other_name: str
    # of ``sizes``
    grid_size: tuple[int, ...]
    img_size: tuple[int, ...]
    num_classes: int
    ignore_index: int

    def __init__(self, network: ConfigType, init_cfg: OptConfigType = None) -> None:
        super().__init__(init_cfg=init_cfg)
        built = MODELS.build(network)
        setattr(self, self.network_name, built)
        self.data_preprocessor = built.data_preprocessor
        self.sizes: FrameSizes = built.sizes
        vars(self).update(vars(self.sizes))  # the four, one by one

    @property
    def network(self) -> Union[SSCSegmentor, 'NetworkTrainer']:
        """What is trained, out of its data-parallel wrapper."""
        return unwrap(getattr(self, self.network_name))

    @property
    def segmentor(self) -> SSCSegmentor:
        """The :obj:`SSCSegmentor`, whatever trainers are around it."""
        network = self.network
        return network.segmentor if isinstance(network, NetworkTrainer) else network

    # mmengine declares one tensor
    def forward(  # type: ignore[override]
        self,
        inputs: dict[str, Tensor],
        data_samples: OptSampleList = None,
        mode: str = 'tensor',
    ) -> Any:
        """Train, or run the network.

        Args:
            inputs (dict[str, Tensor]): As :obj:`SSCSegmentor`.
            data_samples (list[:obj:`SSCDataSample`], optional): Samples.
            mode (str): As :obj:`SSCSegmentor`.

        Returns:
            dict[str, Tensor] | tuple | list[:obj:`SSCDataSample`] | Tensor:
            As :obj:`SSCSegmentor`.
        """
        # where losses are asked for there are samples
        if mode == 'loss':
            return self.loss(inputs, data_samples)  # type: ignore[arg-type]
        if mode == 'loss_and_logits':
            return self.loss_and_logits(inputs, data_samples)  # type: ignore[arg-type]
        return getattr(self, self.network_name)(inputs, data_samples, mode)

    def loss(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> dict[str, Tensor]:
        """Compute the losses of the network and the trainer, weighted."""
        return self.loss_and_logits(batch_inputs, batch_data_samples)[0]

    @abstractmethod
    def loss_and_logits(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> LossesAndLogits:
        """Compute the losses, and the voxel logits that they are of."""

    @abstractmethod
    def own_state_dict(self) -> dict[str, Tensor]:
        """Return what is trained beside the network; often nothing."""

    @torch.no_grad()
    def load_own_state_dict(self, state_dict: Mapping[str, Tensor]) -> None:
        """Restore what :meth:`own_state_dict` returned.

        Raises:
            InputError: If it is of another trainer.
        """
        ours = self.own_state_dict()
        differing = [
            name
            for name in {**ours, **state_dict}
            if name not in ours
            or name not in state_dict
            or ours[name].shape != state_dict[name].shape
        ]
        if differing:
            has, wants = (
                {
                    name: tuple(state[name].shape)
                    for name in differing[:_SHOWN]
                    if name in state
                }
                for state in (state_dict, ours)
            )
            raise InputError(
                'the checkpoint was trained with '
                f'{self.other_name}: it has {has} where the '
                f'config has {wants}'
            )
        for name, value in state_dict.items():
            ours[name].copy_(value)

    # torch declares an overload for each way to call it
    def state_dict(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> dict[str, Tensor]:
        """Return the network's state_dict, with bare keys."""
        return self.network.state_dict(*args, **kwargs)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        """Accept the network's bare keys; what is the trainer's own stays."""
        for key in [k for k in state_dict if k.startswith(prefix)]:
            name = f'{prefix}{self.network_name}.{key[len(prefix) :]}'
            state_dict[name] = state_dict.pop(key)
        for key, value in self.own_state_dict().items():
            state_dict[prefix + key] = value
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
