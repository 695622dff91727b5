"""The weights and inputs here are those that the goldens were measured on."""

import numpy as np
import pytest
from golden_inputs import cvsformer_inputs, sketch3d_latents
from golden_inputs.ammnet_fakes import make_fakes
from golden_inputs.cases import (
    LOSS_CASES,
    make_loss_case,
    make_metric_case,
    make_projection_case,
)
from golden_inputs.scenes import make_inputs
from golden_inputs.streams import digest
from golden_inputs.weights import fill_tensor


def digest_all(arrays):
    return digest(*(arrays[name] for name in sorted(arrays)))


@pytest.fixture(scope='module')
def frames():
    return make_inputs(0, 2)


def test_weights():
    assert digest(fill_tensor('a.b.weight', (32, 16, 3, 3), 0)) == '0a7f1b0724adb2a9'
    kinds = 'weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked'
    vectors = [fill_tensor(f'c.{kind}', (64,), 7) for kind in kinds]
    assert digest(*vectors) == '7e0d3e6da0326942'


def test_frames(frames):
    assert {name: digest(array[:1]) for name, array in frames.items()} == dict(
        img='fcc6aa15a0c3450b',
        img_u8='7a2038829bb05fc6',
        label='2dc53f008a6ddcd0',
        label_weight='4e4d1c03ccb5227c',
        mapping='92a8f323d5dbb316',
        mapping2d='8fec07efae3d2d43',
        tsdf='5d4e2e14a050c366',
        tsdf_cad='2cc08d851e932b62',
    )


def test_cases():
    found = {
        case: digest_all(make_loss_case(case, 0, channels=4)) for case in LOSS_CASES
    }
    assert found == dict(
        base='18ebc315fb515cbe',
        ignore_inside='9723446f256dae23',
        absent_class='5216d0d8e2f86b93',
        empty_only='117593160fc84b2d',
        no_weight='249e88b76ddce846',
    )
    assert digest_all(make_projection_case(0)) == '1c0c571f7297362c'
    assert digest_all(make_metric_case(0)) == 'f03d2bd45a970be9'


def test_ammnet(frames):
    fakes = make_fakes(0, frames)
    assert {name: digest(array) for name, array in fakes.items()} == dict(
        real='95731d4157406fe0',
        shuffled='87accfed683540b9',
        erased='450f9cc1f84d1886',
    )


def test_sketch3d(frames):
    assert digest(sketch3d_latents.make_latents(0)) == '53efbef82de87aac'
    assert digest(sketch3d_latents.make_latents(0, 2, 'eps')) == 'c9df6bdf5b56f6bb'
    assert (
        digest(sketch3d_latents.make_sketch(frames['label'][:1])) == 'c2ae5332966d02d6'
    )


def test_cvsformer(frames):
    assert digest(cvsformer_inputs.make_seg2d(0, inputs=frames)) == '4940df1d0f3dfd20'
    assert [
        digest(cvsformer_inputs.fill_tensor(name, shape, 3))
        for name, shape in [
            ('stage2.cls_token.0', (1, 75, 8)),
            ('a.gamma_1', (8,)),
            ('a.theta.weight', (8, 16, 1, 1, 1)),
        ]
    ] == ['84305a55d4e2b2ad', 'b1f486be96b4eeaa', 'eefc9a18d8a26bd9']
    turned = [
        np.round(cvsformer_inputs.tap_matrix(angle), 12) for angle in (0, 45, 90, 135)
    ]
    assert digest(*turned) == 'a2335a7762e08c29'
