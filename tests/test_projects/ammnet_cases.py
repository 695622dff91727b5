"""AMMNet's networks, weights, inputs and fakes of the goldens."""

import functools
import json
from pathlib import Path

import numpy as np
import torch
from golden_cases import (
    DTYPES,
    ROOT,
    SIZES,
    fill_like,
    make_inputs,
    zoo_file,
)
from golden_inputs import ammnet_fakes
from golden_inputs.scenes import GRID
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import ammnet.register_modules  # noqa: F401
from ammnet.models import AdversarialTrainer
from ammnet.models.fake_scenes import FakeScenes
from ammnet.models.official_keys import AMMNET
from cleaners.models.official_keys import pair_tensors

GOLDEN = ROOT / 'tests' / 'data' / 'golden_ammnet'
WIDTHS = dict(tiny=16, full=64)  # P
PREFIX = 'discriminator.'
# in the float64 runs of the goldens the verdict's weight was rounded, too
LOSS_WEIGHT = float(np.float32(0.005))


def golden_file(request, name: str) -> Path:
    """Return a golden file of this method."""
    return zoo_file(request, GOLDEN, 'ammnet', name)


def read_golden(name: str) -> dict:
    """Return a shipped JSON file."""
    return json.loads((GOLDEN / name).read_text())


@functools.lru_cache(maxsize=2)
def make_fakes(seed: int, inputs_seed: int, batch: int) -> dict:
    """Return the fakes of a seed, made once, as volumes."""
    fakes = ammnet_fakes.make_fakes(seed, make_inputs(inputs_seed, batch))
    return {
        name: torch.from_numpy(array).view(batch, *GRID)
        for name, array in fakes.items()
    }


class FixedFakes(AdversarialTrainer):
    """Shows the fakes of the goldens, not what it draws."""

    fakes: dict

    def make_fakes(self, targets):
        real, _ = super().make_fakes(targets)[:2]
        assert torch.equal(real, self.fakes['real'])
        return FakeScenes(**self.fakes)


def trainer_cfg(size: str) -> Config:
    """Return configs/ammnet_b2.py in a size, without dropout."""
    cfg = Config.fromfile(ROOT / 'configs' / 'ammnet_b2.py')
    net, sizes = cfg.model.generator, SIZES['b2' if size == 'full' else size]
    net.backbone.update(
        num_layers=sizes['num_layers'], drop_path_rate=0.0, init_cfg=None
    )
    net.channels = sizes['channels']
    for part in (net.head_2d, net.tsdf_encoder, net.decode_head):
        part.dropout = 0.0
    cfg.model.discriminator.channels = WIDTHS[size]
    return cfg


def whole_state(trainer) -> dict:
    """Return generator and discriminator as one state_dict."""
    return {**trainer.state_dict(), **trainer.own_state_dict()}


def fill_trainer(trainer, seed: int, dtype: str):
    """Give a trainer the weights of a seed."""
    state = fill_like(whole_state(trainer), seed, table=AMMNET)
    own = {key: state.pop(key) for key in list(state) if PREFIX in key}
    trainer.load_state_dict(state)
    trainer.load_own_state_dict(own)
    return trainer.to(DTYPES[dtype])


def build_trainer(size: str, seed: int, dtype: str, fakes=None, **kwargs):
    """Return a filled trainer."""
    init_default_scope('mmdet3d')
    model = dict(trainer_cfg(size).model, loss_weight=LOSS_WEIGHT, **kwargs)
    if fakes is None:
        return fill_trainer(MODELS.build(model), seed, dtype)
    model.pop('type')
    trainer = FixedFakes(**model)
    trainer.fakes = fakes
    return fill_trainer(trainer, seed, dtype)


def their_names(trainer) -> dict:
    """Return the authors' name of each of our tensors."""
    pairs = pair_tensors(whole_state(trainer), AMMNET)
    return {pair.ours: pair.theirs[0] for pair in pairs}


def named(trainer, kind: str) -> dict:
    """Return parameters or buffers of the whole, by the authors' names."""
    names = their_names(trainer)
    values = getattr(trainer, f'named_{kind}')()
    bare = {key.removeprefix('generator.'): value for key, value in values}
    return {names[key]: value for key, value in bare.items() if key in names}


def as_samples(arrays: dict) -> dict:
    """Return a batch for ``ssc_losses`` and ``arrays_to_batch``."""
    return {key: list(np.asarray(value)) for key, value in arrays.items()}
