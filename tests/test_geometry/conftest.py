"""The real NYU frame, prepared once for all parity tests."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from cleaners.geometry.camera import read_depth_png
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.nyu_bin import read_nyu_bin
from cleaners.geometry.tsdf import compute_tsdf
from cleaners.geometry.voxel_grid import (GridView, downsample_labels,
                                          map_classes)


@pytest.fixture(scope='session')
def nyu_frame(nyu_frame_dir: Path) -> SimpleNamespace:
    """Inputs, our results and the answers."""
    scene = read_nyu_bin(nyu_frame_dir / 'NYU0003_0000.bin')
    depth = read_depth_png(nyu_frame_dir / 'NYU0003_0000.png') / 1000.
    view = GridView(scene.cam2world, scene.voxel_origin)
    labels = map_classes(scene.labels)
    pixel_voxel = map_pixels(depth, view)
    with np.load(nyu_frame_dir / 'reference.npz') as file:
        answer = dict(file)
    with np.load(nyu_frame_dir / 'NYU0003_0000_TSDF.npz') as file:
        published = dict(file)
    return SimpleNamespace(
        scene=scene,
        depth=depth,
        view=view,
        labels=labels,
        label_low=downsample_labels(labels),
        pixel_voxel=pixel_voxel,
        tsdf=compute_tsdf(depth, pixel_voxel, view),
        answer=answer,
        published=published)
