"""What the parity tests share: networks, weights and inputs of the goldens.

Weights are made under the authors' names (``golden_inputs``) and converted, as a
checkpoint of theirs would be.
"""

import functools
from pathlib import Path

import numpy as np
import torch
from golden_inputs import scenes
from golden_inputs.weights import fill_tensor
from mmengine.config import Config

from cleaners.apis.inference import build_network
from cleaners.models.official_keys import CLEANERS, official_shapes
from cleaners.models.official_weights import from_official

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / 'tests' / 'data' / 'golden'
DTYPES = dict(float32=torch.float32, float64=torch.float64)
# the two networks that the goldens were measured on
SIZES = dict(
    tiny=dict(num_layers=[2, 2, 2, 2], channels=32),
    b2=dict(num_layers=[3, 4, 6, 3], channels=256),
)


@functools.lru_cache(maxsize=2)
def make_inputs(seed: int, batch: int) -> dict[str, np.ndarray]:
    """Return the frames of a seed, made once."""
    return scenes.make_inputs(seed, batch)


def suffix(dtype: str) -> str:
    """Return what a golden key of this precision ends in."""
    return '64' if dtype == 'float64' else ''


def distillation_cfg(size: str) -> Config:
    """Return configs/cleaners_b2.py in another size, without dropout."""
    cfg = Config.fromfile(ROOT / 'configs' / 'cleaners_b2.py')
    for net in (cfg.model.student, cfg.model.teacher):
        channels = SIZES[size]['channels']
        net.backbone.update(
            num_layers=SIZES[size]['num_layers'], drop_path_rate=0.0, init_cfg=None
        )
        net.channels = channels
        for part in (net.head_2d, net.tsdf_encoder, net.decode_head):
            part.dropout = 0.0
    return cfg


def filled_state(net: torch.nn.Module, seed: int, rule=fill_tensor):
    """Return the state_dict of ``net`` with the weights of a seed."""
    return fill_like(net.state_dict(), seed, rule)


def fill_like(
    like: dict[str, torch.Tensor], seed: int, rule=fill_tensor, table=CLEANERS
):
    """Return a state_dict like this one with the weights of a seed."""
    official = {
        name: torch.from_numpy(np.asarray(rule(name, shape, seed)))
        for name, shape in official_shapes(like, table).items()
    }
    return from_official(official, like, table)


def build_filled(size: str, seed: int, dtype: str, rule=fill_tensor):
    """Return a filled network in eval mode."""
    net = build_network(distillation_cfg(size).model.student)
    net.load_state_dict(filled_state(net, seed, rule))
    return net.to(DTYPES[dtype]).eval()


def batch_inputs(arrays: dict[str, np.ndarray], dtype: str) -> dict:
    """Return what ``extract_feat`` takes."""
    return dict(
        imgs=torch.from_numpy(arrays['img']).to(DTYPES[dtype]),
        tsdf=torch.from_numpy(arrays['tsdf']).to(DTYPES[dtype]),
        mapping2d=torch.from_numpy(arrays['mapping2d']),
    )


def golden_folder(request, size: str) -> Path:
    """Return where the numbers of a network lie; B2's are not shipped."""
    if size == 'tiny':
        return GOLDEN
    return request.getfixturevalue('reference')('golden')


def zoo_file(request, golden: Path, method: str, name: str) -> Path:
    """Return a file that is shipped, or that the reference data hold."""
    if (golden / name).is_file():
        return golden / name
    return request.getfixturevalue('reference')(f'zoo/{method}/{name}')


def at(tensor: torch.Tensor, index: np.ndarray) -> np.ndarray:
    """Return the values at flat places."""
    flat = tensor.detach().reshape(-1)
    return flat[torch.from_numpy(np.asarray(index))].numpy()


def difference_in_std(golden, stage, dtype, tensor, excepted=0):
    """Return the largest difference but a few, in std of the stage.

    ``tensor`` may hold the first frames only.
    """
    shape = tuple(golden[f'{stage}.shape'])
    assert tuple(tensor.shape[1:]) == shape[1:]
    here = golden[f'{stage}.idx'] < tensor.numel()
    wanted = golden[f'{stage}.val{suffix(dtype)}'][here]
    found = np.abs(at(tensor, golden[f'{stage}.idx'][here]) - wanted)
    std = golden[f'{stage}.std{suffix(dtype)}']
    return np.sort(found)[len(found) - 1 - excepted] / std


def check_moments(golden, stage, dtype, tensor, tolerance):
    """Compare what is stored of a whole stage, by a tolerance in std."""
    end, values = suffix(dtype), tensor.double()
    std = golden[f'{stage}.std{end}']
    assert abs(values.mean() - golden[f'{stage}.mean{end}']) <= tolerance * std
    assert abs(values.std(correction=0) - std) <= tolerance * std
    assert (
        abs(values.abs().max() - golden[f'{stage}.absmax{end}']) <= 2 * tolerance * std
    )


def check_zeros(golden, stage, dtype, tensor):
    """Check how many values are exactly 0; float32 may switch a few."""
    wanted = int(golden[f'{stage}.zeros{suffix(dtype)}'])
    zeros = int((tensor == 0).sum())
    assert abs(zeros - wanted) <= (5 if dtype == 'float32' else 0)


def relative(found, wanted):
    """Return the relative difference of two numbers."""
    return abs(found - wanted) / abs(wanted)


def first_update(parameters, wrapper):
    """Clip, step, and return the norm of the change of every parameter."""
    before = {name: p.detach().clone() for name, p in parameters.items()}
    wrapper.step()
    return {
        name: float((p.detach() - before[name]).double().norm())
        for name, p in parameters.items()
    }
