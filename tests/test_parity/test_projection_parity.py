"""2D-3D projection and 3D initialisation alone."""

import numpy as np
import pytest
import torch
from golden_cases import DTYPES, GOLDEN, at, suffix
from golden_inputs.cases import make_projection_case

from cleaners.models.necks import VoxelProjectionNeck

TOLERANCES = dict(float32=1e-5, float64=1e-12)


@pytest.mark.parametrize('dtype', DTYPES)
def test_projection_and_initialisation(dtype, within):
    golden = np.load(GOLDEN / 'projection_small.npz')
    arrays = make_projection_case(int(golden['seed']))
    feat = torch.from_numpy(arrays['feat']).to(DTYPES[dtype])
    mapping2d = torch.from_numpy(arrays['mapping2d'])
    neck = VoxelProjectionNeck((60, 36, 60))
    found = dict(raw=neck.project(feat, mapping2d), init=neck(feat, mapping2d))
    for name, volume in found.items():
        assert tuple(volume.shape) == tuple(golden[f'{name}.shape'])
        wanted = golden[f'{name}.val{suffix(dtype)}']
        difference = np.abs(at(volume, golden[f'{name}.idx']) - wanted)
        within(
            'projection_small',
            f'{name} (absolute)',
            dtype,
            difference.max(),
            TOLERANCES[dtype],
        )
        zeros = int((volume == 0).sum())
        assert zeros == int(golden[f'{name}.zeros{suffix(dtype)}'])
