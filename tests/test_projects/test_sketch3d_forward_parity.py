"""Every stage of 3D-Sketch's eval-mode forward, and its sketch labels."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from golden_cases import check_moments, check_zeros, difference_in_std, make_inputs
from golden_inputs import sketch3d_latents
from sketch3d_cases import (
    batch_of,
    build_filled,
    count_differences,
    golden_file,
    make_latents,
)

from sketch3d.models.sketch_labels import make_sketch

slow = pytest.mark.slow
# largest difference in std of the stage: float32, float64
FINE, COARSE = (5e-5, 1e-9), (1e-4, 1e-9)
TOLERANCES = dict(
    feature2d=FINE,
    reduced2d=FINE,
    tsdf_stem=FINE,
    sketch_stage2=FINE,
    sketch_raw=FINE,
    cvae_condition=FINE,
    sketch_prior=FINE,
    volume_raw=COARSE,
    volume_init=COARSE,
    fused=COARSE,
    sketch_feat_raw=FINE,
    sketch_feat_prior=FINE,
    semantic_stage2=FINE,
    logits3d=FINE,
)
# float32 may switch a fill value of the 3D initialisation here and there
EXCEPTED = dict(volume_raw=5, volume_init=5, fused=5)
SKETCH_VOXELS = dict(float32=5, float64=0)
ARGMAX = dict(float32=20, float64=0)
CASES = [
    pytest.param(('tiny', 'float32'), id='tiny-float32'),
    pytest.param(('tiny', 'float64'), id='tiny-float64', marks=slow),
    pytest.param(('full', 'float32'), id='full-float32', marks=slow),
    pytest.param(('full', 'float64'), id='full-float64', marks=slow),
]


@torch.no_grad()
def run_stages(net, inputs):
    """Return the tensor of every stage, by its golden name."""
    stages = {}
    encoder = net.tsdf_encoder
    layers = dict(
        tsdf_stem=encoder.stem,
        sketch_stage2=encoder.raw_head.body.stage2,
        cvae_condition=encoder.cvae.condition_encoder,
        sketch_feat_raw=encoder.raw_stem,
        sketch_feat_prior=encoder.prior_stem,
        semantic_stage2=net.decode_head.body.stage2,
        feature2d=net.backbone,
    )
    hooks = [
        layer.register_forward_hook(
            lambda _, args, output, name=name: stages.update({name: output})
        )
        for name, layer in layers.items()
    ]
    hooks.append(
        encoder.cvae.register_forward_pre_hook(
            lambda _, args: stages.update(sketch_binary=args[0])
        )
    )
    feats = net.extract_feat(inputs)
    stages.update(
        feature2d=stages['feature2d'][0],
        reduced2d=feats['feat_2d'],
        volume_raw=net.voxel_neck.project(feats['feat_2d'], inputs['mapping2d']),
        volume_init=feats['voxel_feat'],
        fused=feats['voxel_feat'] + feats['tsdf_feat'],
        sketch_raw=feats['sketch_raw'],
        sketch_prior=feats['sketch_prior'],
        logits3d=net.decode(feats),
    )
    for hook in hooks:
        hook.remove()
    return stages


@pytest.fixture(scope='module', params=CASES)
def forward(request):
    """Run one network once for the tests below."""
    size, dtype = request.param
    golden = np.load(golden_file(request, f'forward_{size}.npz'))
    seed, batch = int(golden['inputs_seed']), int(golden['batch'])
    net = build_filled(size, int(golden['weights_seed']), dtype)
    net.tsdf_encoder.cvae.latents = make_latents(seed, batch, dtype)
    return SimpleNamespace(
        case=f'sketch3d_{size}',
        dtype=dtype,
        golden=golden,
        stages=run_stages(net, batch_of(seed, batch, dtype)),
    )


@pytest.mark.parametrize('stage', TOLERANCES)
def test_stage(forward, stage, within):
    dtype, tensor = forward.dtype, forward.stages[stage]
    tolerance = TOLERANCES[stage][dtype == 'float64']
    excepted = EXCEPTED.get(stage, 0) if dtype == 'float32' else 0
    found = difference_in_std(forward.golden, stage, dtype, tensor, excepted)
    within(forward.case, f'{stage} (std)', dtype, found, tolerance)
    check_moments(forward.golden, stage, dtype, tensor, tolerance)


@pytest.mark.parametrize('stage', ['volume_raw', 'volume_init'])
def test_exact_zeros(forward, stage):
    """What is 0 decides what the 3D initialisation fills."""
    check_zeros(forward.golden, stage, forward.dtype, forward.stages[stage])


def test_voxels_of_the_sketch(forward, within):
    within(
        forward.case,
        'sketch_binary (voxels)',
        forward.dtype,
        count_differences(
            forward.golden['sketch_binary'], forward.stages['sketch_binary']
        ),
        SKETCH_VOXELS[forward.dtype],
    )


def test_predicted_classes(forward, within):
    label = forward.stages['logits3d'].argmax(dim=1).numpy()
    within(
        forward.case,
        'argmax3d (voxels)',
        forward.dtype,
        int((label != forward.golden['argmax3d']).sum()),
        ARGMAX[forward.dtype],
    )


def test_sketch_labels_are_those_of_the_goldens():
    """Voxel by voxel; about 5 % of a scene."""
    label = make_inputs(310, 2)['label']
    found = make_sketch(torch.from_numpy(label).view(2, 60, 36, 60))
    wanted = sketch3d_latents.make_sketch(label).reshape(found.shape)
    assert (found.numpy() == wanted).all()
    assert 0.03 < wanted.mean() < 0.1
