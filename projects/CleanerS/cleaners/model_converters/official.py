"""Checkpoints of the authors' code, there and back."""

from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Optional

import torch.nn as nn
from torch import Tensor

from ..apis.inference import build_network, read_config
from ..datasets.data_profile import SKETCH
from ..engine.student_config import student_cfg
from ..models.official_keys import (
    CLEANERS,
    OFFICIAL_NAMES,
    OUR_NAMES,
    KeyTable,
    Names,
    pair_tensors,
    unused_shapes,
)
from ..models.official_weights import (
    from_official,
    resize_model_cfg,
    to_official,
    unwrap_official,
)
from ..utils.checkpoint import (
    check_state_dict,
    naming_checkpoint,
    read_checkpoint,
    state_dict_of,
)
from ..utils.checkpoint_writing import save_checkpoint
from ..utils.errors import InputError

# what a norm counts, ends of names
_BUFFERS = ('.running_mean', '.running_var', '.num_batches_tracked')


@dataclass(frozen=True)
class NetworkConfig:
    """The network that weights must fit exactly.

    Attributes:
        path (str): Config; one for distillation stands for its student.
        is_resized (bool): Whether it takes the sizes of the weights.
        table (KeyTable): Names of the method's parts.
    """

    path: str
    is_resized: bool
    table: ClassVar[KeyTable] = CLEANERS

    def build(self, weights: dict[str, Tensor], names: Names) -> nn.Module:
        """Build the network.

        Args:
            weights (dict[str, Tensor]): Show the sizes.
            names (Names): Of the weights.

        Raises:
            InputError: As :meth:`resize`.
        """
        cfg = student_cfg(read_config(self.path).model)
        if self.is_resized:
            cfg = self.resize(cfg, weights, names)
        return build_network(cfg)

    def resize(self, cfg: dict, weights: dict[str, Tensor], names: Names) -> dict:
        """Give the network the sizes of the weights.

        Args:
            cfg (dict): Of the network.
            weights (dict[str, Tensor]): Show the sizes.
            names (Names): Of the weights.

        Returns:
            dict: Of the network in these sizes.

        Raises:
            InputError: If the weights lack what shows the sizes.
        """
        return resize_model_cfg(cfg, weights, names)

    def pack(self, weights: dict[str, Tensor]) -> dict:
        """Return weights as entries of our checkpoint."""
        return dict(state_dict=weights)

    def unpack(self, checkpoint: dict) -> dict[str, Tensor]:
        """Return the weights of our checkpoint."""
        return state_dict_of(checkpoint)


def find_tensor(
    weights: dict[str, Tensor], names: tuple[str, str], method: str
) -> Tensor:
    """Return the tensor that has one of two names, theirs or ours.

    Args:
        weights (dict[str, Tensor]): Of a network.
        names (tuple[str, str]): What it may be called.
        method (str): Whose network it should be.

    Raises:
        InputError: If there is none.
    """
    for name in names:
        if name in weights:
            return weights[name]
    raise InputError(f"no network of {method} in it (there is no '{names[0]}')")


def convert(args: Namespace, kind: type[NetworkConfig], default: str) -> None:
    """Convert what the command line names.

    Args:
        args (Namespace): Of :func:`parse_official_files`.
        kind (Type[NetworkConfig]): The method.
        default (str): Config whose network takes the sizes of the weights,
            where the command line names none.
    """
    config = kind(args.config or default, is_resized=args.config is None)
    files = args.input, args.output, config
    if args.reverse:
        convert_to_official(*files, args.original)
    else:
        convert_from_official(*files)


def convert_from_official(source: str, target: str, config: NetworkConfig) -> None:
    """Turn a checkpoint of the authors' code into ours.

    Args:
        source (str): Theirs.
        target (str): Ours.
        config (NetworkConfig): What it must fit.

    Raises:
        InputError: If a file is missing, damaged or does not fit.
    """
    with naming_checkpoint(source):
        theirs = unwrap_official(read_checkpoint(source))
        network = config.build(theirs, OFFICIAL_NAMES)
        ours = from_official(theirs, network.state_dict(), config.table)
    # what the authors train and test on
    meta = dict(converted_from=Path(source).name, dataset_meta=dict(profile=SKETCH))
    save_checkpoint(dict(meta=meta, **config.pack(ours)), target)
    _report(target, ours, 'dropped', config.table)


def convert_to_official(
    source: str, target: str, config: NetworkConfig, original: Optional[str] = None
) -> None:
    """Turn one of our checkpoints into one of the authors' code.

    Args:
        source (str): Ours.
        target (str): Theirs.
        config (NetworkConfig): What it must fit.
        original (str, optional): The authors' checkpoint whose never-used
            tensors are kept. Defaults to None: they are zeros.

    Raises:
        InputError: If a file is missing, damaged or does not fit.
    """
    with naming_checkpoint(source):
        ours = config.unpack(read_checkpoint(source))
        network = config.build(ours, OUR_NAMES)
        check_state_dict(network, ours, source)
        if original is None:
            theirs = to_official(ours, table=config.table)
            fate = 'written as zeros'
        else:
            with naming_checkpoint(original):
                kept = unwrap_official(read_checkpoint(original))
                theirs = to_official(ours, kept, config.table)
            fate = f"kept from '{original}'"
    save_checkpoint(dict(model=theirs), target)
    _report(target, ours, fate, config.table)


def _report(path: str, ours: dict[str, Tensor], fate: str, table: KeyTable) -> None:
    """Print how many tensors were converted, and what became of the rest."""
    pairs = pair_tensors(ours, table)
    unused = unused_shapes(pairs, table)
    parameters = [name for name in unused if not name.endswith(_BUFFERS)]
    print(
        f'{path}: all of {len(pairs)} tensors of ours = '
        f'{sum(len(pair.theirs) for pair in pairs)} of theirs; '
        f'{len(unused)} more ({len(parameters)} parameters) that their '
        f'network owns but never uses are {fate}'
    )
