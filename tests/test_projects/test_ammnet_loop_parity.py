"""Whole iterations of AMMNet: the discriminator's step, the generator's."""

import pytest
import torch.nn as nn
from ammnet_cases import (
    LOSS_WEIGHT,
    as_samples,
    build_trainer,
    make_fakes,
    named,
    read_golden,
    trainer_cfg,
)
from golden_cases import make_inputs, relative, suffix
from mmengine.optim import build_optim_wrapper

from cleaners.apis.losses import arrays_to_batch

# Losses, norms and changes of each iteration, relative. In float32 the later
# ones cannot be compared: rounding has grown too large.
TOLERANCES = dict(float32=(1e-3,), float64=(1e-9, 1e-8, 1e-6))
# What follows from an update. In float32 AdamW's first step has the sign of
# every gradient, of the smallest too: with all weights changed by a last bit
# the generator's norm comes out 7e-3 apart, and 128 biases before a BatchNorm,
# whose gradients are noise, are up to 1.7e-3 of the change of the head. In the
# float64 run of the goldens the verdict, a loss, was rounded to float32.
AFTERWARDS = dict(
    float32={'generator.grad_norm': 1e-2, 'change of head': 2e-3},
    float64=dict.fromkeys(('loss_adv', 'loss'), 1e-6),
)
# Whose parameters an optimizer has, by the name in the goldens: those of its
# network, or of both.
CONSTRUCTORS = dict(
    separate='SplitOptimWrapperConstructor', torch110='JointOptimWrapperConstructor'
)
DISCRIMINATOR = dict(
    loss_real='real',
    loss_shuffled='shuffled',
    loss_erased='erased',
    loss_predicted='pred',
    loss_discriminator='total',
)
GENERATOR = dict(
    loss_ssc=('loss3d', 1.0),
    loss_2d=('loss2d', 0.25),
    loss_adv=('adv', LOSS_WEIGHT),
    loss=('total', 1.0),
)


class Prepared(nn.Module):
    """Stands for a data preprocessor: the batch is one already."""

    def forward(self, data, training):
        return data


def losses_of(log_vars, wanted):
    """Yield name, value and golden value of every loss."""
    for name, key in DISCRIMINATOR.items():
        yield name, log_vars[name].item(), wanted['disc'][key]
    for name, (key, weight) in GENERATOR.items():
        yield name, log_vars[name].item() / weight, wanted['gen'][key]


def norms_of(hub, wanted):
    """Yield the same of the norms of gradients before they are clipped."""
    for part, key in (('generator', 'gen'), ('discriminator', 'disc')):
        name = f'{part}.grad_norm'
        found = hub.get_scalar(f'train/{name}').current()
        yield name, found, wanted[f'{key}_clip_norm']


def changes_of(parameters, start, wanted):
    """Yield the same of the change of each network since the start."""
    for part, change in wanted['change_since_start'].items():
        squares = [
            float((p.detach() - start[name]).double().square().sum())
            for name, p in parameters.items()
            if name.startswith(f'{part}.')
        ]
        yield f'change of {part}', sum(squares) ** 0.5, change


@pytest.mark.parametrize('loop', CONSTRUCTORS)
@pytest.mark.parametrize(
    'dtype',
    [
        'float32',
        pytest.param('float64', marks=pytest.mark.slow),
    ],
)
def test_iterations(dtype, loop, within):
    golden = read_golden('train_step_tiny.json')
    wanted = golden['loop'][loop]
    case = golden['inputs_seed'], golden['batch']
    net = trainer_cfg('tiny').model.generator
    net.decode_head.update(flip_prob=0.0, exchange_prob=0.0)
    trainer = build_trainer(
        'tiny',
        golden['weights_seed'],
        dtype,
        fakes=make_fakes(golden['fakes_seed'], *case),
        generator=net,
    ).train()
    inputs, samples = arrays_to_batch(trainer, as_samples(make_inputs(*case)))
    data = dict(inputs=inputs, data_samples=samples)
    trainer.data_preprocessor = Prepared()
    settings = dict(trainer_cfg('tiny').optim_wrapper, constructor=CONSTRUCTORS[loop])
    wrappers = build_optim_wrapper(trainer, settings)
    parameters = named(trainer, 'parameters')
    start = {name: p.detach().clone() for name, p in parameters.items()}

    for i, tolerance in enumerate(TOLERANCES[dtype]):
        row = wanted['iterations' + suffix(dtype)][i]
        log_vars = trainer.train_step(data, wrappers)
        assert next(iter(log_vars)) == 'loss'
        found = [
            *losses_of(log_vars, row),
            *norms_of(wrappers['generator'].message_hub, row),
            *changes_of(parameters, start, row),
        ]
        for name, value, wanted_value in found:
            if not wanted_value:
                assert value == 0, name  # the encoder is frozen
                continue
            what, allowed = f'{loop}, iteration {i + 1}', tolerance
            if name in AFTERWARDS[dtype]:
                what += ', after an update'
                allowed = AFTERWARDS[dtype][name]
            within('ammnet_loop', what, dtype, relative(value, wanted_value), allowed)

    counted = named(trainer, 'buffers')
    ran = len(TOLERANCES[dtype])
    for module, count in wanted['num_batches_tracked'].items():
        # of three iterations: the generator runs twice in each, the
        # discriminator five times
        found = int(counted[f'{module}.num_batches_tracked'])
        assert found == count // 3 * ran
