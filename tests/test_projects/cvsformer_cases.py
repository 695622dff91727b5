"""CVSformer's networks, weights and inputs of the goldens."""

import functools
from pathlib import Path

import numpy as np
import torch
from golden_cases import (
    DTYPES,
    ROOT,
    fill_like,
    make_inputs,
    zoo_file,
)
from golden_inputs import cvsformer_inputs
from golden_inputs.scenes import GRID
from mmengine.config import Config

import cvsformer.register_modules  # noqa: F401
from cleaners.apis.inference import build_network
from cleaners.structures import SSCDataSample, VoxelData
from cvsformer.models.official_keys import CVSFORMER

GOLDEN = ROOT / 'tests' / 'data' / 'golden_cvsformer'
CHANNELS = dict(tiny=16, full=128)  # F


def golden_file(request, name: str) -> Path:
    """Return a golden file of this method."""
    return zoo_file(request, GOLDEN, 'cvsformer', name)


def cvsformer_cfg(size: str, view_mode: str) -> Config:
    """Return configs/cvsformer_seg2d.py in a size, without dropout."""
    cfg = Config.fromfile(ROOT / 'configs' / 'cvsformer_seg2d.py')
    cfg.model.channels = CHANNELS[size]
    cfg.model.decode_head.update(dropout=0.0, view_mode=view_mode)
    # in the float64 runs of the goldens they were rounded, too
    loss = cfg.model.decode_head.loss_ssc
    loss.class_weight = np.float32(loss.class_weight).tolist()
    return cfg


def build_filled(size: str, seed: int, dtype: str, view_mode: str = 'rotated'):
    """Return a network with the weights of a seed, in eval mode."""
    net = build_network(cvsformer_cfg(size, view_mode).model)
    rule = cvsformer_inputs.fill_tensor
    net.load_state_dict(fill_like(net.state_dict(), seed, rule, CVSFORMER))
    return net.to(DTYPES[dtype]).eval()


@functools.lru_cache(maxsize=2)
def make_case(seed: int, batch: int) -> dict:
    """Return the frames of a seed with the labels of pixels, made once."""
    arrays = make_inputs(seed, batch)
    return dict(arrays, seg2d=cvsformer_inputs.make_seg2d(seed, batch, inputs=arrays))


def batch_of(seed: int, batch: int, dtype: str) -> dict:
    """Return what ``extract_feat`` takes."""
    arrays = make_case(seed, batch)
    return dict(
        seg2d=torch.from_numpy(arrays['seg2d']).long(),
        tsdf=torch.from_numpy(arrays['tsdf']).to(DTYPES[dtype]),
        mapping2d=torch.from_numpy(arrays['mapping2d']),
    )


def samples_of(seed: int, batch: int) -> list[SSCDataSample]:
    """Return the ground truth of the same frames."""
    arrays = make_case(seed, batch)
    truth = {
        key: torch.from_numpy(arrays[key]).view(batch, *GRID)
        for key in ('label', 'label_weight')
    }
    return [
        SSCDataSample(
            gt_voxel_seg=VoxelData(label=label.long(), label_weight=weight.bool())
        )
        for label, weight in zip(*truth.values())
    ]
