"""Every stage of AMMNet's forward in eval mode."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from ammnet_cases import build_trainer, golden_file, make_fakes
from golden_cases import (
    at,
    batch_inputs,
    check_moments,
    difference_in_std,
    make_inputs,
    suffix,
)
from golden_inputs.scenes import GRID

from ammnet.models.scene_display import SceneDisplay

slow = pytest.mark.slow
# largest difference in std of a stage in float32; 1e-9 in float64
STAGES = {
    2e-4: ['logits2d'],
    1e-4: [
        'volume_raw',
        'volume_init',
        'mod1',
        'up_half',
        'mod2',
        'up_full',
        'mod3',
        *(f'disc_{scene}.layer{i}' for scene in ('real', 'pred') for i in (1, 2, 3, 4)),
    ],
    5e-5: [
        'c1',
        'c2',
        'c3',
        'c4',
        'fused2d',
        'tsdf_feat',
        'sem1',
        'sem2',
        'down1',
        'down2',
        'tsdf_half',
        'tsdf_full',
        'logits3d',
    ],
}
TOLERANCES = {name: value for value, names in STAGES.items() for name in names}
# float32 may switch a fill value of the 3D initialisation here and there
EXCEPTED = dict(volume_raw=5, volume_init=5)
ARGMAX = dict(float32=20, float64=0)
VERDICTS = ('real', 'shuffled', 'erased', 'pred')
VERDICT = dict(float32=1e-5, float64=1e-11)
CASES = [
    pytest.param(('tiny', 'float32'), id='tiny-float32'),
    pytest.param(('tiny', 'float64'), id='tiny-float64', marks=slow),
    pytest.param(('full', 'float32'), id='full-float32', marks=slow),
    pytest.param(('full', 'float64'), id='full-float64', marks=slow),
]


def stage_of(trainer):
    """Name the modules whose output is a stage of the goldens."""
    body = trainer.generator.decode_head.body
    modules = dict(
        sem1=body.stage1,
        sem2=body.stage2,
        up_half=body.up1,
        up_full=body.up2,
        down1=body.guide_down[0],
        down2=body.guide_down[1],
        tsdf_half=body.guide_down,
        tsdf_full=body.guide_up,
    )
    modules.update((f'mod{i + 1}', layer) for i, layer in enumerate(body.modulations))
    return modules


@torch.no_grad()
def run_stages(trainer, inputs):
    """Return the tensor of every stage of the generator, by its name."""
    net, stages = trainer.generator, {}

    def keep(name):
        return lambda module, args, output: stages.update({name: output})

    hooks = [
        module.register_forward_hook(keep(name))
        for name, module in stage_of(trainer).items()
    ]
    hooks.append(net.backbone.register_forward_hook(keep('scales')))
    feats = net.extract_feat(inputs)
    stages.update(
        fused2d=feats['feat_2d'],
        logits2d=feats['logits_2d'],
        tsdf_feat=feats['tsdf_feat'],
        volume_raw=net.voxel_neck.project(feats['feat_2d'], inputs['mapping2d']),
        volume_init=feats['voxel_feat'],
        logits3d=net.decode(feats),
    )
    for hook in hooks:
        hook.remove()
    scales = stages.pop('scales')
    return dict(zip(('c1', 'c2', 'c3', 'c4'), scales), **stages)


def show_scenes(trainer, logits, arrays, fakes):
    """Return what the discriminator is shown, by name."""
    weight = torch.from_numpy(arrays['label_weight']).view(-1, *GRID)
    show = trainer.display.show_labels
    return dict(
        real=show(fakes['real'], weight, logits.dtype),
        shuffled=show(fakes['shuffled'], weight, logits.dtype),
        erased=show(fakes['real'], weight, logits.dtype, fakes['erased']),
        pred=trainer.display.show_prediction(logits, weight),
    )


@torch.no_grad()
def judge(trainer, scene):
    """Return the verdict, and the output of every bottleneck."""
    layers = []
    hooks = [
        block.register_forward_hook(lambda module, args, output: layers.append(output))
        for block in trainer.discriminator.blocks
    ]
    verdict = trainer.discriminator(scene)
    for hook in hooks:
        hook.remove()
    return verdict, layers


@pytest.fixture(scope='module', params=CASES)
def forward(request):
    """Run one network once for the tests below."""
    size, dtype = request.param
    golden = np.load(golden_file(request, f'forward_{size}.npz'))
    trainer = build_trainer(size, int(golden['weights_seed']), dtype).eval()
    case = int(golden['inputs_seed']), int(golden['batch'])
    arrays = make_inputs(*case)
    stages = run_stages(trainer, batch_inputs(arrays, dtype))
    fakes = make_fakes(int(golden['fakes_seed']), *case)
    scenes = show_scenes(trainer, stages['logits3d'], arrays, fakes)
    verdicts = {}
    for name, scene in scenes.items():
        verdicts[name], layers = judge(trainer, scene)
        stages.update(
            (f'disc_{name}.layer{i}', layer) for i, layer in enumerate(layers, 1)
        )
    return SimpleNamespace(
        case=f'ammnet_forward_{size}',
        dtype=dtype,
        golden=golden,
        trainer=trainer,
        arrays=arrays,
        fakes=fakes,
        stages=stages,
        verdicts=verdicts,
    )


def tolerance(stage, dtype):
    return 1e-9 if dtype == 'float64' else TOLERANCES[stage]


def test_stages(forward, within):
    """At the stored places, and by the moments of the whole."""
    for stage in TOLERANCES:
        tensor, dtype = forward.stages[stage], forward.dtype
        excepted = EXCEPTED.get(stage, 0) if dtype == 'float32' else 0
        found = difference_in_std(forward.golden, stage, dtype, tensor, excepted)
        within(forward.case, f'{stage} (std)', dtype, found, tolerance(stage, dtype))
        check_moments(forward.golden, stage, dtype, tensor, tolerance(stage, dtype))


def test_predicted_classes(forward, within):
    """They are the stored ones, but for ties.

    Those are of a float32 run; it may have decided otherwise where the two
    best logits are equal to its precision.
    """
    logits = forward.stages['logits3d']
    classes = logits.argmax(dim=1).numpy()
    differs = classes != forward.golden['argmax3d']
    if forward.dtype == 'float64':
        counts = [np.bincount(label.ravel(), minlength=12) for label in classes]
        np.testing.assert_array_equal(counts, forward.golden['argmax3d.counts64'])
        first, second = logits.topk(2, dim=1).values.unbind(1)
        differs &= (first - second > 5e-5 * logits.std()).numpy()
    within(
        forward.case,
        'argmax3d (voxels)',
        forward.dtype,
        int(differs.sum()),
        ARGMAX[forward.dtype],
    )


def test_verdicts(forward, within):
    for name in VERDICTS:
        key = f'disc_{name}.logit'
        found = at(forward.verdicts[name], forward.golden[f'{key}.idx'])
        wanted = forward.golden[f'{key}.val{suffix(forward.dtype)}']
        within(
            forward.case,
            'disc logits (absolute)',
            forward.dtype,
            np.abs(found - wanted).max(),
            VERDICT[forward.dtype],
        )


@pytest.mark.parametrize('forward', [CASES[0]], indirect=True)
@pytest.mark.parametrize(
    'scene, options, wanted',
    [
        ('real', dict(common_mask=True), (-0.1188, -0.1135)),
        ('pred', dict(softmax=True), (-0.1152, -0.1142)),
    ],
)
def test_what_is_shown_otherwise_is_judged_otherwise(
    forward, monkeypatch, scene, options, wanted
):
    """The two options, by the numbers of the authors' network."""
    as_published = dict(softmax=False, common_mask=False)
    display = SceneDisplay(12, **{**as_published, **options})
    monkeypatch.setattr(forward.trainer, 'display', display)
    scenes = show_scenes(
        forward.trainer, forward.stages['logits3d'], forward.arrays, forward.fakes
    )
    verdict, _ = judge(forward.trainer, scenes[scene])
    np.testing.assert_allclose(verdict[:, 0], wanted, rtol=0, atol=6e-5)
