"""Weights of AMMNet's authors, there and back."""

import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from released_proportions import random_tensors, with_released_proportions
from tiny_ammnet import tiny_generator, tiny_trainer

from ammnet.models.official_keys import AMMNET
from cleaners.models.official_keys import official_shapes, pair_tensors, unused_shapes
from cleaners.models.official_weights import from_official, to_official
from cleaners.utils.checkpoint import load_strictly, read_checkpoint


def small_trainer():
    return tiny_trainer(with_released_proportions(tiny_generator()))


@pytest.fixture
def trainer():
    torch.manual_seed(0)
    return MODELS.build(small_trainer())


@pytest.fixture
def whole(trainer):
    return {**trainer.state_dict(), **trainer.own_state_dict()}


@pytest.fixture
def official(whole):
    """A state_dict of the authors' layout, no two tensors alike."""
    return random_tensors(official_shapes(whole, AMMNET))


@pytest.fixture
def convert(monkeypatch, capsys):
    """Run the converter in this process; returns what it printed."""

    def run(*args):
        call_tool(monkeypatch, 'model_converters/official2ammnet.py', *args)
        return capsys.readouterr().out

    return run


@pytest.fixture
def config(tmp_path):
    """The config of the small trainer, as a file."""
    path = tmp_path / 'small.py'
    Config(
        dict(
            model=small_trainer(),
            custom_imports=dict(imports=['ammnet.register_modules']),
        )
    ).dump(path)
    return path


def test_there_and_back_again(whole, official):
    ours = from_official(official, whole, AMMNET)
    assert {k: v.shape for k, v in ours.items()} == {
        k: v.shape for k, v in whole.items()
    }
    back = to_official(ours, official, AMMNET)
    assert set(back) == set(official)
    assert all(torch.equal(back[name], official[name]) for name in official)


def test_the_tool_converts_both_ways(
    convert, config, trainer, whole, official, tmp_path
):
    source, ours, back = (tmp_path / f'{n}.pth' for n in 'abc')
    torch.save(dict(model=official, epoch=3), source)
    printed = convert(source, ours, '--config', config)
    assert '117 parameters' in printed and 'dropped' in printed
    expected = from_official(official, whole, AMMNET)
    load_strictly(trainer, str(ours))  # the network alone
    trainer.load_own_state_dict(read_checkpoint(str(ours))['discriminator'])
    found = {**trainer.state_dict(), **trainer.own_state_dict()}
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[k], expected[k]) for k in expected)

    convert(ours, back, '--reverse', '--config', config)
    zeros = read_checkpoint(str(back))['model']
    unused = unused_shapes(pair_tensors(whole, AMMNET), AMMNET)
    assert sum('disc.layer4' in name for name in unused) == 3 * 6
    for name in official:
        wanted = official[name]
        if name in unused:
            wanted = torch.full_like(wanted, name.endswith('running_var'))
        assert torch.equal(zeros[name], wanted), name
    convert(ours, back, '--reverse', '--config', config, '--original', source)
    kept = read_checkpoint(str(back))['model']
    assert all(torch.equal(kept[k], official[k]) for k in official)


def test_the_sizes_are_those_of_the_weights(convert, official, tmp_path):
    """But the grid, which the last layer of the discriminator shows."""
    source, target = tmp_path / 'source.pth', tmp_path / 'target.pth'
    name = 'disc.linear.weight'
    # of configs/ammnet_b2.py
    official[name] = torch.randn(len(official[name]), 8 * 5 * 3 * 5)
    torch.save(official, source)
    assert '117 parameters' in convert(source, target)
    own = read_checkpoint(str(target))['discriminator']
    assert torch.equal(own['discriminator.linear.weight'], official[name])


@pytest.mark.parametrize(
    'change, config_of, match',
    [
        (
            lambda weights: weights.pop('disc.logit.bias'),
            'small',
            '1 missing .disc.logit.bias',
        ),
        (
            lambda weights: weights.update(extra=torch.ones(2)),
            'small',
            '1 not used .extra',
        ),
        (
            lambda weights: weights.pop('disc.conv1.weight'),
            'small',
            'there is no discriminator in it',
        ),
        (
            lambda weights: None,
            'ammnet_b2_teacher',
            'there is no discriminator in the config',
        ),
    ],
)
def test_what_does_not_fit_is_named(
    convert, config, official, tmp_path, repo_root, change, config_of, match
):
    source, target = tmp_path / 'source.pth', tmp_path / 'target.pth'
    change(official)
    torch.save(official, source)
    if config_of != 'small':
        config = repo_root / 'configs' / f'{config_of}.py'
    with pytest.raises(SystemExit, match=match) as error:
        convert(source, target, '--config', config)
    assert str(error.value).startswith(f"error: checkpoint '{source}': ")
    assert not target.exists()
