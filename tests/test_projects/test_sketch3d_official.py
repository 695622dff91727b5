"""Checkpoints of the authors of 3D-Sketch, there and back."""

import json
import re

import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from sketch3d_cases import GOLDEN
from tiny_sketch3d import TSDF_ALONE, tiny_sketch_net

from cleaners.models.official_keys import (
    OFFICIAL_NAMES,
    OUR_NAMES,
    official_shapes,
    pair_tensors,
    unused_shapes,
)
from cleaners.models.official_weights import from_official, to_official
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.errors import InputError
from sketch3d.model_converters.sketch_config import SketchConfig
from sketch3d.models.official_keys import SKETCH3D

CONFIG = 'configs/sketch3d_r50.py'


@pytest.fixture(scope='module')
def manifest():
    return json.loads((GOLDEN / 'manifest.json').read_text())


@pytest.fixture(scope='module')
def small_cfg(repo_root):
    """The network of the config, with few channels and classes."""
    cfg = Config.fromfile(repo_root / CONFIG)
    cfg.model.update(channels=16, num_classes=5)
    cfg.model.backbone.update(base_channels=8, stem_channels=16)
    cfg.model.head_2d.in_channels = 256
    return cfg


@pytest.fixture
def net(small_cfg):
    return MODELS.build(small_cfg.model)


@pytest.fixture
def official(net):
    """A state_dict of the authors' layout, no two tensors alike."""
    torch.manual_seed(0)
    return {
        name: torch.randn(shape) if shape else torch.tensor(7)
        for name, shape in official_shapes(net.state_dict(), SKETCH3D).items()
    }


@pytest.fixture
def convert(monkeypatch, capsys):
    """Run the converter in this process; returns what it printed."""

    def run(*args):
        call_tool(monkeypatch, 'model_converters/official2sketch3d.py', *args)
        return capsys.readouterr().out

    return run


def test_names_and_shapes_are_those_of_the_authors(repo_root, manifest):
    """All 1294 entries of the published network, 108 parameters unused."""
    cfg = Config.fromfile(repo_root / CONFIG)
    model = MODELS.build(cfg.model)
    entries = manifest['state_dict']
    assert official_shapes(model.state_dict(), SKETCH3D) == {
        entry['name']: tuple(entry['shape']) for entry in entries
    }
    unused = unused_shapes(pair_tensors(model.state_dict(), SKETCH3D), SKETCH3D)
    assert set(unused) == {e['name'] for e in entries if e['never_used']}
    assert sum(n.endswith(('.weight', '.bias')) for n in unused) == 108
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert trained == manifest['counts']['trained_and_used_elements']


def test_layers_are_those_of_the_authors(net, manifest):
    """Kernel, stride, padding, dilation and bias; epsilon and momentum."""
    theirs = {
        pair.ours: pair.theirs[0] for pair in pair_tensors(net.state_dict(), SKETCH3D)
    }
    checked = 0
    for name, layer in net.named_modules():
        known = theirs.get(f'{name}.weight')
        if known is None:
            continue
        wanted = manifest['layers'][known[: -len('.weight')]]
        checked += 1
        if 'eps' in wanted:
            assert (layer.eps, layer.momentum) == (wanted['eps'], wanted['momentum'])
            continue
        for ours, key in (
            ('kernel_size', 'kernel'),
            ('stride', 'stride'),
            ('padding', 'padding'),
            ('dilation', 'dilation'),
        ):
            assert list(getattr(layer, ours)) == wanted[key], (name, key)
        assert (layer.bias is not None) == wanted['bias'], name
    assert checked > 250


def test_there_and_back_again(net, official):
    ours = from_official(official, net.state_dict(), SKETCH3D)
    net.load_state_dict(ours)
    back = to_official(ours, official, SKETCH3D)
    assert set(back) == set(official)
    assert all(torch.equal(back[name], official[name]) for name in official)


def test_the_tool_converts_both_ways(convert, small_cfg, official, tmp_path):
    """A file as their training writes it, wrapped for several GPUs."""
    source, ours, back = (tmp_path / f'{n}.pth' for n in 'abc')
    config = tmp_path / 'small.py'
    small_cfg.dump(str(config))
    wrapped = {f'module.{name}': value for name, value in official.items()}
    torch.save(dict(model=wrapped, epoch=250, iteration=49500), source)
    printed = convert(source, ours, '--config', config)
    assert '108 parameters' in printed and 'dropped' in printed
    converted = read_checkpoint(str(ours))
    assert converted['meta']['dataset_meta'] == dict(profile='3dsketch')
    wanted = from_official(official, converted['state_dict'], SKETCH3D)
    assert all(torch.equal(converted['state_dict'][k], wanted[k]) for k in wanted)

    printed = convert(ours, back, '--config', config, '--reverse')
    assert 'zeros' in printed
    zeros = read_checkpoint(str(back))['model']
    name = 'stage1.completion_layer1.1.downsample2.1.weight'
    assert not zeros[name].any()
    convert(ours, back, '--config', config, '--reverse', '--original', source)
    restored = read_checkpoint(str(back))['model']
    assert all(torch.equal(restored[k], official[k]) for k in official)


@pytest.mark.parametrize(
    'spoil, match',
    [
        (lambda w: w.pop('stage1.cvae.mean.bias'), '1 missing (stage1.cvae.mean.bias)'),
        (lambda w: w.update(other=torch.ones(1)), '1 not used (other)'),
        (
            lambda w: w.update({'stage2.downsample.0.weight': torch.ones(3)}),
            '1 of another shape (stage2.downsample.0.weight',
        ),
    ],
)
def test_what_does_not_fit_gets_one_line(
    convert, small_cfg, official, tmp_path, spoil, match
):
    source, target = tmp_path / 'a.pth', tmp_path / 'b.pth'
    small_cfg.dump(str(tmp_path / 'small.py'))
    spoil(official)
    torch.save(official, source)
    with pytest.raises(SystemExit, match=f'^error: .*{re.escape(match)}'):
        convert(source, target, '--config', tmp_path / 'small.py')
    assert not target.exists()


def test_sizes_are_those_of_the_weights(official, net, repo_root):
    """Number of classes and D, in either naming."""
    config = SketchConfig(str(repo_root / CONFIG), is_resized=True)
    for weights, names in ((official, OFFICIAL_NAMES), (net.state_dict(), OUR_NAMES)):
        built = config.build(weights, names)
        assert (built.num_classes, built.sizes.num_classes) == (5, 5)
        assert built.head_2d.reduce[0].out_channels == 16
    with pytest.raises(InputError, match='no network of 3D-Sketch in it'):
        config.build({'a.weight': torch.ones(1)}, OFFICIAL_NAMES)


def test_other_parts_are_refused():
    """A head that the authors have none of."""
    state = MODELS.build(tiny_sketch_net(**TSDF_ALONE)).state_dict()
    pair_tensors(state, SKETCH3D)
    state['decode_head.void_classifier.weight'] = torch.ones(1)
    with pytest.raises(InputError, match='void.*with the same parts'):
        pair_tensors(state, SKETCH3D)
