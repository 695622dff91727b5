"""3D-Sketch's networks, weights, inputs and latents of the goldens."""

from pathlib import Path

import numpy as np
import torch
from golden_cases import (
    DTYPES,
    ROOT,
    batch_inputs,
    fill_like,
    make_inputs,
    zoo_file,
)
from golden_inputs import sketch3d_latents
from mmengine.config import Config

import sketch3d.register_modules  # noqa: F401
from cleaners.apis.inference import build_network
from sketch3d.models.official_keys import SKETCH3D

GOLDEN = ROOT / 'tests' / 'data' / 'golden_sketch'
CHANNELS = dict(tiny=16, full=128)  # D


def golden_file(request, name: str) -> Path:
    """Return a golden file of this method."""
    return zoo_file(request, GOLDEN, 'sketch', name)


def sketch_cfg(size: str) -> Config:
    """Return configs/sketch3d_r50.py in a size, without dropout."""
    cfg = Config.fromfile(ROOT / 'configs' / 'sketch3d_r50.py')
    cfg.model.channels = CHANNELS[size]
    cfg.model.backbone.init_cfg = None
    cfg.model.decode_head.dropout = 0.0
    cfg.model.tsdf_encoder.update(
        raw_head=dict(
            type='SSCHead',
            flip_prob=0.0,
            dropout=0.0,
            loss_ssc=dict(type='SmoothCrossEntropyLoss', label_smoothing=0.0),
        ),
        cvae=dict(type='SketchCVAE', dropout=0.0),
    )
    return cfg


def build_filled(size: str, seed: int, dtype: str):
    """Return a network with the weights of a seed, in eval mode."""
    net = build_network(sketch_cfg(size).model)
    net.load_state_dict(fill_like(net.state_dict(), seed, table=SKETCH3D))
    return net.to(DTYPES[dtype]).eval()


def make_latents(seed: int, batch: int, dtype: str, kind: str = 'z'):
    """Return the latents of a seed, (samples, B, C, x, y, z)."""
    latents = sketch3d_latents.make_latents(seed, batch, kind)
    return torch.from_numpy(latents).to(DTYPES[dtype])


def batch_of(seed: int, batch: int, dtype: str) -> dict:
    """Return what ``extract_feat`` takes."""
    return batch_inputs(make_inputs(seed, batch), dtype)


def count_differences(packed: np.ndarray, binary: torch.Tensor) -> int:
    """Count the voxels in which (B, ...) differs from packed bits."""
    bits = np.unpackbits(packed, axis=1)
    return int((bits != binary.flatten(1).numpy().astype(np.uint8)).sum())
