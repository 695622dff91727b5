"""Names, sizes and schedule of AMMNet."""

import numpy as np
import pytest
from ammnet_cases import AMMNET, read_golden, their_names, whole_state
from golden_cases import ROOT
from learning_rates import rates_of
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope

from cleaners.models.official_keys import official_shapes, pair_tensors, unused_shapes


@pytest.fixture(scope='module')
def schedule():
    return read_golden('schedule_ammnet.json')


@pytest.fixture(scope='module')
def cfg():
    cfg = Config.fromfile(ROOT / 'configs/ammnet_b2.py')
    cfg.model.generator.backbone.init_cfg = None
    return cfg


@pytest.fixture(scope='module')
def trainer(cfg):
    init_default_scope('mmdet3d')
    return MODELS.build(cfg.model)


@pytest.fixture(scope='module')
def unused(trainer):
    """Shapes of the authors' parameters that ours lacks, by part."""
    pairs = pair_tensors(whole_state(trainer), AMMNET)
    shapes = {
        name: shape
        for name, shape in unused_shapes(pairs, AMMNET).items()
        if name.endswith(('.weight', '.bias'))
    }
    own = {n: s for n, s in shapes.items() if n.startswith('disc.')}
    return dict(
        generator={n: s for n, s in shapes.items() if n not in own}, discriminator=own
    )


def test_names_and_shapes_are_those_of_the_authors(trainer, unused):
    """All 1537 entries of the full-size model, 117 parameters unused."""
    manifest = read_golden('manifest_ammnet.json')
    assert official_shapes(whole_state(trainer), AMMNET) == {
        entry['name']: tuple(entry['shape']) for entry in manifest['state_dict']
    }
    assert {name for part in unused.values() for name in part} == set(
        manifest['never_used_parameters']
    )


def test_number_of_parameters(trainer, unused):
    """The authors' own, less what is never used."""
    counts = read_golden('manifest_ammnet.json')['counts']
    sizes = dict(
        generator='generator_elements_without_encoder',
        discriminator='discriminator_elements',
    )
    for part, key in sizes.items():
        ours = sum(
            p.numel()
            for name, p in getattr(trainer, part).named_parameters()
            if not name.startswith('backbone.')
        )
        never = sum(int(np.prod(shape)) for shape in unused[part].values())
        assert ours + never == counts[key]


def test_learning_rate_of_each_epoch(cfg, schedule, within):
    """A cosine for the generator; the discriminator's never moves."""
    wanted = schedule['learning_rate']
    assert cfg.train_cfg.max_epochs == wanted['epochs']
    assert cfg.param_scheduler.discriminator == []
    assert cfg.optim_wrapper.discriminator.optimizer.lr == wanted['base']
    rates = rates_of(
        cfg.optim_wrapper.generator, cfg.param_scheduler.generator, wanted['epochs']
    )
    difference = np.abs(rates / wanted['generator_per_epoch'] - 1).max()
    within('ammnet_schedule', 'rate (relative)', '-', difference, 1e-9)


def test_optimizers(cfg, trainer, unused, schedule):
    """One for each network: betas, clipping, and how many decay."""
    wanted = schedule['optimizer']
    names = their_names(trainer)
    ours = {
        id(p): names[name.removeprefix('generator.')]
        for name, p in trainer.named_parameters()
    }
    for part, wrapper in build_optim_wrapper(trainer, cfg.optim_wrapper).items():
        assert type(wrapper.optimizer).__name__ == wanted['type']
        assert wrapper.clip_grad_kwargs == dict(
            max_norm=wanted['clip_grad_norm'], norm_type=2
        )
        counts = {
            decays: sum((len(shape) > 1) == decays for shape in unused[part].values())
            for decays in (True, False)
        }
        for group in wrapper.optimizer.param_groups:
            assert list(group['betas']) == wanted['betas']
            assert group['eps'] == wanted['eps']
            assert group['weight_decay'] in (0.0, wanted['weight_decay'])
            decays = group['weight_decay'] > 0
            counts[decays] += len(group['params'])
            for p in group['params']:
                assert decays == (p.dim() > 1 and not ours[id(p)].endswith('.bias'))
        assert counts[True] == wanted['counts']['decay'][part]
        assert counts[False] == wanted['counts']['no_decay'][part]


def test_weights_of_the_losses(trainer, schedule):
    wanted = schedule['losses']
    assert trainer.loss_weight == wanted['adv']
    assert trainer.generator.head_2d.loss_2d.loss_weight == wanted['loss2d']
    loss_ssc = trainer.generator.decode_head.loss_ssc
    assert loss_ssc.loss_weight == wanted['loss3d']
    assert loss_ssc.label_smoothing == wanted['label_smoothing']
