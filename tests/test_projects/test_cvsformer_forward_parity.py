"""Every stage of CVSformer's eval-mode forward, in each mode of its views."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from cvsformer_cases import batch_of, build_filled, golden_file
from golden_cases import DTYPES, check_moments, check_zeros, difference_in_std

from cvsformer.models.layers import CrossViewFusion

slow = pytest.mark.slow
VIEWS = range(4)
# largest difference in std of a stage in float32; 1e-9 in float64
STAGES = {
    5e-5: ['seg_feat', 'tsdf_feat', 'stage1', 'stage2'],
    0: ['seg_volume'],
}
VIEW_STAGES = {
    5e-5: [
        'view45',
        'view90',
        'view135',
        *(f'{name}{view}' for view in VIEWS for name in ('token_attn', 'cross')),
        'fused',
        'up1',
        'logits3d',
    ],
    1e-4: [*(f'token_conv{view}' for view in VIEWS), 'global_tokens', 'up2'],
}
ARGMAX = dict(float32=20, float64=0)
# how the views are made; all of it, or some, is stored
MODES = dict(tiny=('rotated', 'planes', 'public'), full=('rotated', 'public'))
CASES = [
    pytest.param(('tiny', 'float32'), id='tiny-float32'),
    pytest.param(('tiny', 'float64'), id='tiny-float64', marks=slow),
    pytest.param(('full', 'float32'), id='full-float32', marks=slow),
    pytest.param(('full', 'float64'), id='full-float64', marks=slow),
]


def tolerances(stages, dtype):
    """Yield each stage with what is allowed."""
    for value, names in stages.items():
        for name in names:
            yield name, min(value, 1e-9) if dtype == 'float64' else value


def stage_of(net):
    """Name the modules whose output is a stage of the goldens."""
    body = net.decode_head.body
    fusion = body.fusion
    modules = dict(
        seg_volume=net.voxel_neck,
        fusion=fusion,
        fuse_views=fusion.fuse_views,
        global_tokens=fusion.fuse_tokens,
        stage1=body.stage1,
        stage2=body.stage2,
        up1=body.up1,
        up2=body.up2,
    )
    for view, tokens in enumerate(fusion.view_tokens):
        modules[f'token_attn{view}'] = tokens.blocks[-1]
        modules[f'convolved{view}'] = tokens.conv
        modules[f'cross{view}'] = fusion.attentions[view]
    for degrees, turn in zip((45, 90, 135), fusion.turns):
        modules[f'view{degrees}'] = turn
    return modules


def record(net, run):
    """Run something; returns the output of every named module."""
    outputs = {}
    hooks = [
        module.register_forward_hook(
            lambda _, args, output, name=name: outputs.update({name: output})
        )
        for name, module in stage_of(net).items()
    ]
    run()
    for hook in hooks:
        hook.remove()
    return outputs


@torch.no_grad()
def run_trunk(net, inputs):
    """Return V and T, and the stages that no mode changes."""
    feats = {}
    stages = record(net, lambda: feats.update(net.extract_feat(inputs)))
    stages.update(
        record(net, lambda: net.decode(dict(feats))),
        seg_feat=feats['voxel_feat'],
        tsdf_feat=feats['tsdf_feat'],
    )
    fused = feats['voxel_feat'] + feats['tsdf_feat']
    stages['stage1'] = stages['stage1'] + fused[:, :, ::2, ::2, ::2]
    return feats, stages


@torch.no_grad()
def run_views(net, feats, trunk):
    """Return the stages that follow from the views."""
    logits = []
    stages = record(net, lambda: logits.append(net.decode(dict(feats))))
    fusion = net.decode_head.body.fusion
    for view, tokens in enumerate(fusion.view_tokens):
        first = tokens.tokens + tokens.positions[:, : tokens.tokens.shape[1]]
        convolved = stages[f'convolved{view}'].flatten(2).transpose(1, 2)
        stages[f'token_conv{view}'] = first + convolved
    up1 = stages['up1'] + trunk['stage1']
    size = feats['voxel_feat'].shape[2:]
    interpolated = torch.nn.functional.interpolate(
        up1, size, mode='trilinear', align_corners=True
    )
    stages.update(
        global_tokens=stages['global_tokens'].unflatten(2, fusion.token_grid),
        fused=stages['fuse_views'] + trunk['stage2'],
        up1=up1,
        up2=stages['up2'] + interpolated + feats['voxel_feat'],
        logits3d=logits[0],
    )
    assert torch.equal(stages['fused'], stages['fusion'])
    return stages


def change_mode(net, mode, dtype):
    """Let the views be made otherwise, with the same weights."""
    body = net.decode_head.body
    grid_size = [size // 4 for size in net.grid_size]
    channels = body.fusion.fuse_views.out_channels
    fusion = CrossViewFusion(grid_size, channels, 8, mode, dict(type='BN3d'))
    fusion.load_state_dict(body.fusion.state_dict())
    body.fusion = fusion.to(DTYPES[dtype]).eval()


@pytest.fixture(scope='module', params=CASES)
def forward(request):
    """Run one network once for the tests below."""
    size, dtype = request.param
    golden = np.load(golden_file(request, f'forward_{size}.npz'))
    seed, batch = int(golden['inputs_seed']), int(golden['batch'])
    net = build_filled(size, int(golden['weights_seed']), dtype)
    feats, trunk = run_trunk(net, batch_of(seed, batch, dtype))
    modes = {}
    for mode in MODES[size]:
        change_mode(net, mode, dtype)
        modes[mode] = run_views(net, feats, trunk)
    return SimpleNamespace(
        case=f'cvsformer_{size}', dtype=dtype, golden=golden, trunk=trunk, modes=modes
    )


def check_stage(forward, within, name, tensor, tolerance, mode='rotated'):
    """Compare a stage at the stored places, and by its moments."""
    stored = name if mode is None else f'{mode}.{name}'
    found = difference_in_std(forward.golden, stored, forward.dtype, tensor)
    shown = f'{name} (std)' if mode in (None, 'rotated') else f'{stored} (std)'
    within(forward.case, shown, forward.dtype, found, tolerance)
    # of what is exact a sum is not
    check_moments(forward.golden, stored, forward.dtype, tensor, max(tolerance, 1e-9))


def test_trunk(forward, within):
    for name, tolerance in tolerances(STAGES, forward.dtype):
        check_stage(forward, within, name, forward.trunk[name], tolerance, mode=None)


def test_volume_of_labels(forward):
    """One-hot where a pixel sees a voxel, 0 elsewhere."""
    volume = forward.trunk['seg_volume']
    check_zeros(forward.golden, 'seg_volume', 'float64', volume)
    assert set(volume.sum(1).unique().tolist()) == {0.0, 1.0}


def test_views_and_what_follows(forward, within):
    """In each mode; of the others than 'rotated' a few stages are stored."""
    for mode, stages in forward.modes.items():
        checked = 0
        for name, tolerance in tolerances(VIEW_STAGES, forward.dtype):
            if f'{mode}.{name}.idx' in forward.golden:
                check_stage(forward, within, name, stages[name], tolerance, mode)
                checked += 1
        assert checked == (20 if mode == 'rotated' else 6)


def count_differences(golden, mode, label):
    """Count the voxels of another class; by their numbers where that is all."""
    if f'{mode}.argmax3d' in golden:
        return int((label != golden[f'{mode}.argmax3d']).sum())
    counts = np.bincount(label.ravel(), minlength=12)
    return int(np.abs(counts - golden[f'{mode}.argmax3d.counts'].sum(0)).sum())


def test_predicted_classes(forward, within):
    for mode, stages in forward.modes.items():
        label = stages['logits3d'].argmax(dim=1).numpy()
        within(
            forward.case,
            'argmax3d (voxels)',
            forward.dtype,
            count_differences(forward.golden, mode, label),
            ARGMAX[forward.dtype],
        )


def test_modes_are_not_the_same(forward):
    """A network of one mode gives something else in another."""
    labels = [s['logits3d'].argmax(1) for s in forward.modes.values()]
    for label in labels[1:]:
        assert (label != labels[0]).float().mean() > 0.01
