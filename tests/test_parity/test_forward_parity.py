"""Every stage of the eval-mode forward."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from golden_cases import (
    DTYPES,
    GOLDEN,
    batch_inputs,
    build_filled,
    check_moments,
    check_zeros,
    difference_in_std,
    distillation_cfg,
    golden_folder,
    make_inputs,
)
from golden_inputs.weights import probe_tensor

from cleaners.apis import inference_ssc
from cleaners.apis.inference import build_network

slow = pytest.mark.slow
# largest difference in std of the stage: float32, float64
TOLERANCES = dict(
    c1=(5e-5, 1e-9),
    c2=(5e-5, 1e-9),
    c3=(5e-5, 1e-9),
    c4=(5e-5, 1e-9),
    fused2d=(5e-5, 1e-9),
    logits2d=(2e-4, 1e-9),
    tsdf_feat=(5e-5, 1e-9),
    volume_raw=(1e-4, 1e-9),
    volume_init=(1e-4, 1e-9),
    logits3d=(5e-5, 1e-9),
)
SCALES = ('c1', 'c2', 'c3', 'c4')
# float32 may switch a fill value of the 3D initialisation here and there
EXCEPTED = dict(volume_raw=5, volume_init=5)
ARGMAX = dict(float32=20, float64=0)


@torch.no_grad()
def run_stages(net, inputs):
    """Return the tensor of every stage, by its golden name."""
    scales = []
    hook = net.backbone.register_forward_hook(
        lambda module, args, output: scales.extend(output)
    )
    feats = net.extract_feat(inputs)
    hook.remove()
    return dict(
        zip(SCALES, scales),
        fused2d=feats['feat_2d'],
        logits2d=feats['logits_2d'],
        tsdf_feat=feats['tsdf_feat'],
        volume_raw=net.voxel_neck.project(feats['feat_2d'], inputs['mapping2d']),
        volume_init=feats['voxel_feat'],
        logits3d=net.decode(feats),
    )


# size, precision, frames; float64 is slow on a CPU, so that the quick run
# takes one frame of two (in eval mode a frame does not see the others)
CASES = [
    pytest.param(('tiny', 'float32', 2), id='tiny-float32'),
    pytest.param(('tiny', 'float64', 1), id='tiny-float64-first'),
    pytest.param(('tiny', 'float64', 2), id='tiny-float64', marks=slow),
    pytest.param(('b2', 'float32', 1), id='b2-float32', marks=slow),
    pytest.param(('b2', 'float64', 1), id='b2-float64', marks=slow),
]

# the goldens have the moments of the whole batch only
WHOLE = [case for case in CASES if case.id != 'tiny-float64-first']


@pytest.fixture(scope='module', params=CASES)
def forward(request):
    """Run one network once for the tests below."""
    size, dtype, frames = request.param
    golden = np.load(golden_folder(request, size) / f'forward_{size}.npz')
    net = build_filled(size, int(golden['weights_seed']), dtype)
    arrays = make_inputs(int(golden['inputs_seed']), int(golden['batch']))
    arrays = {key: value[:frames] for key, value in arrays.items()}
    stages = run_stages(net, batch_inputs(arrays, dtype))
    return SimpleNamespace(
        case=f'forward_{size}',
        size=size,
        dtype=dtype,
        golden=golden,
        net=net,
        arrays=arrays,
        stages=stages,
    )


@pytest.mark.parametrize('stage', TOLERANCES)
def test_stage(forward, stage, within):
    dtype = forward.dtype
    excepted = EXCEPTED.get(stage, 0) if dtype == 'float32' else 0
    found = difference_in_std(
        forward.golden, stage, dtype, forward.stages[stage], excepted
    )
    within(
        forward.case,
        f'{stage} (std)',
        dtype,
        found,
        TOLERANCES[stage][dtype == 'float64'],
    )


@torch.no_grad()
def test_a_network_of_the_tsdf_alone_has_the_same_parts(forward):
    """The branch and the head of the goldens, without a 2D branch."""
    cfg = dict(
        distillation_cfg(forward.size).model.student,
        backbone=None,
        head_2d=None,
        voxel_neck=None,
    )
    depth = build_network(cfg).to(DTYPES[forward.dtype]).eval()
    whole = forward.net.state_dict()
    depth.load_state_dict({key: whole[key] for key in depth.state_dict()})
    tsdf = torch.from_numpy(forward.arrays['tsdf']).to(DTYPES[forward.dtype])
    found = depth.extract_feat(dict(tsdf=tsdf))
    assert list(found) == ['tsdf_feat']
    assert torch.equal(found['tsdf_feat'], forward.stages['tsdf_feat'])
    # on what the golden head was given
    fused = forward.stages['volume_init'] + found['tsdf_feat']
    logits = depth.decode(dict(tsdf_feat=fused))
    assert torch.equal(logits, forward.stages['logits3d'])


@pytest.mark.parametrize('forward', WHOLE, indirect=True)
@pytest.mark.parametrize('stage', TOLERANCES)
def test_moments_of_the_whole_stage(forward, stage):
    """Mean, std and extreme cover the places that are not stored."""
    check_moments(
        forward.golden,
        stage,
        forward.dtype,
        forward.stages[stage],
        TOLERANCES[stage][forward.dtype == 'float64'],
    )


@pytest.mark.parametrize('forward', WHOLE, indirect=True)
@pytest.mark.parametrize('stage', ['volume_raw', 'volume_init'])
def test_exact_zeros(forward, stage):
    """What is 0 decides what the 3D initialisation fills."""
    check_zeros(forward.golden, stage, forward.dtype, forward.stages[stage])


def test_predicted_classes(forward, within):
    # the classes were stored in float32; in float64 they are the same
    label = forward.stages['logits3d'].argmax(dim=1).numpy()
    wanted = forward.golden['argmax3d'][: len(label)]
    within(
        forward.case,
        'argmax3d (voxels)',
        forward.dtype,
        int((label != wanted).sum()),
        ARGMAX[forward.dtype],
    )


@slow
@pytest.mark.parametrize('dtype', ['float32', 'float64'])
def test_encoder_probe(reference, dtype, within):
    """Weights that make every LayerNorm epsilon visible."""
    golden = np.load(reference('golden/encoder_probe_b2.npz'))
    net = build_filled('b2', int(golden['weights_seed']), dtype, probe_tensor)
    arrays = make_inputs(int(golden['inputs_seed']), int(golden['batch']))
    with torch.no_grad():
        scales = net.backbone(batch_inputs(arrays, dtype)['imgs'])
    for stage, scale in zip(SCALES, scales):
        found = difference_in_std(golden, stage, dtype, scale)
        within(
            'encoder_probe',
            f'{stage} (std)',
            dtype,
            found,
            TOLERANCES[stage][dtype == 'float64'],
        )


def test_the_api_gives_the_same_from_a_photo(within):
    """uint8 RGB and the voxel -> pixel table in; one frame at a time."""
    golden = np.load(GOLDEN / 'forward_tiny.npz')
    net = build_filled('tiny', int(golden['weights_seed']), 'float32')
    arrays = make_inputs(int(golden['inputs_seed']), int(golden['batch']))
    sample = inference_ssc(
        net,
        img=arrays['img_u8'][0],
        tsdf=arrays['tsdf'][0],
        mapping=arrays['mapping'][0],
        return_feats=True,
    )
    label = sample.pred_voxel_seg.label.numpy()
    assert (label != golden['argmax3d'][0]).sum() <= ARGMAX['float32']
    stages = dict(
        logits3d=sample.pred_voxel_seg.logits,
        tsdf_feat=sample.feats['tsdf_feat'],
        logits2d=sample.feats['logits_2d'],
    )
    for stage, tensor in stages.items():
        # a photo is normalised in float32, the golden image in float64
        found = difference_in_std(golden, stage, 'float32', tensor[None])
        within(
            'inference_ssc', f'{stage} (std)', 'float32', found, TOLERANCES[stage][0]
        )
