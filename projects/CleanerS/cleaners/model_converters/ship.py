"""Weights for the package itself (:mod:`cleaners.utils.shipped_weights`)."""

import copy
import json
from typing import Optional

import torch
from mmengine.config import Config
from torch import Tensor

from ..apis.inference import build_network
from ..engine.student_config import student_cfg
from ..utils.atomic_write import write_atomically
from ..utils.checkpoint import (
    check_state_dict,
    find_best_checkpoint,
    read_checkpoint,
    state_dict_of,
)
from ..utils.checkpoint_writing import encode_checkpoint
from ..utils.errors import InputError
from ..utils.shipped_weights import FOLDER, NETWORK, SHARED

_ENCODER = 'backbone.'
_META_KEYS = ('epoch', 'seed', 'dataset_meta')


def ship_model(
    config: str, checkpoint: str, name: str, shared: Optional[str] = None
) -> None:
    """Write the weights of a trained network into the package.

    Args:
        config (str): Config that it was trained with.
        checkpoint (str): Its checkpoint, or work dir.
        name (str): By which it can be had.
        shared (str, optional): Name of the file for its encoder, which
            networks with the same one share. Defaults to None: the encoder
            is written with the rest.

    Raises:
        InputError: If the weights do not fit the config, or the shared
            file holds another encoder.
    """
    path = find_best_checkpoint(checkpoint)
    content = read_checkpoint(path)
    network = _plain_network(Config.fromfile(config))
    weights = state_dict_of(content)
    check_state_dict(build_network(copy.deepcopy(network)), weights, path)
    weights = _halve(weights)
    meta = {
        key: value
        for key, value in content.get('meta', {}).items()
        if key in _META_KEYS
    }
    meta[NETWORK] = json.dumps(network)
    if shared is not None:
        encoder = {
            key: weights.pop(key) for key in list(weights) if key.startswith(_ENCODER)
        }
        _write_shared(shared, encoder)
        meta[SHARED] = shared
    _write(name, dict(meta=meta, state_dict=weights))


def _plain_network(cfg: Config) -> dict:
    """Return the network without where its weights once came from."""
    network = student_cfg(cfg.model).to_dict()
    network.pop('pretrained_2d', None)
    if network.get('backbone'):
        network['backbone'].pop('init_cfg', None)
    return network


def _halve(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Put matrices and kernels into float16; what a norm has stays."""
    return {
        key: value.half()
        if value.is_floating_point() and value.dim() > 1
        else value.clone()
        for key, value in weights.items()
    }


def _write_shared(name: str, encoder: dict[str, Tensor]) -> None:
    path = FOLDER / f'{name}.pth'
    if path.is_file():
        known = read_checkpoint(str(path))['state_dict']
        if known.keys() != encoder.keys() or not all(
            torch.equal(known[key], encoder[key]) for key in known
        ):
            raise InputError(
                f"'{path}' holds another encoder: choose another "
                'name, or take it away first'
            )
        return
    _write(name, dict(meta={}, state_dict=encoder))


def _write(name: str, content: dict) -> None:
    path = FOLDER / f'{name}.pth'
    data = encode_checkpoint(content)
    write_atomically(path, data)
    print(f'{path}: {len(data) / 2**20:.2f} MiB')
