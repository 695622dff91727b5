"""Checkpoints of the authors of CVSformer, there and back."""

import json
import re

import pytest
import torch
from cvsformer_cases import GOLDEN
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from tiny_cvsformer import tiny_cvs_net

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
from cvsformer.model_converters.cvsformer_config import CVSformerConfig
from cvsformer.models.official_keys import CVSFORMER

CONFIG = 'configs/cvsformer_seg2d.py'


@pytest.fixture(scope='module')
def manifest():
    return json.loads((GOLDEN / 'manifest.json').read_text())


@pytest.fixture(scope='module')
def published(repo_root):
    """The network of the config, without 1.7 GB of weights."""
    with torch.device('meta'):
        return MODELS.build(Config.fromfile(repo_root / CONFIG).model)


@pytest.fixture(scope='module')
def small_cfg(repo_root):
    """The network of the config, in few channels, classes and voxels."""
    cfg = Config.fromfile(repo_root / CONFIG)
    cfg.model.update(channels=8, num_classes=5, grid_size=(12, 8, 16))
    cfg.model.backbone.num_labels = 6
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
        for name, shape in official_shapes(net.state_dict(), CVSFORMER).items()
    }


@pytest.fixture
def convert(monkeypatch, capsys):
    """Run the converter in this process; returns what it printed."""

    def run(*args):
        call_tool(monkeypatch, 'model_converters/official2cvsformer.py', *args)
        return capsys.readouterr().out

    return run


def test_names_and_shapes_are_those_of_the_authors(published, manifest):
    """All 914 entries of the published network, 295 parameters unused."""
    entries = manifest['state_dict']
    state = published.state_dict()
    assert official_shapes(state, CVSFORMER) == {
        entry['name']: tuple(entry['shape']) for entry in entries
    }
    unused = unused_shapes(pair_tensors(state, CVSFORMER), CVSFORMER)
    assert set(unused) == {e['name'] for e in entries if e['never_used']}
    trained = sum(p.numel() for p in published.parameters() if p.requires_grad)
    assert trained == manifest['counts']['used_elements']


def test_layers_are_those_of_the_authors(published, manifest):
    """Kernel, stride, padding and bias; epsilon and momentum; features."""
    theirs = {
        pair.ours: pair.theirs[0]
        for pair in pair_tensors(published.state_dict(), CVSFORMER)
    }
    keys = dict(
        kernel_size='kernel',
        stride='stride',
        padding='padding',
        dilation='dilation',
        in_features='in_features',
        out_features='out_features',
        eps='eps',
        momentum='momentum',
    )
    checked = 0
    for name, layer in published.named_modules():
        known = theirs.get(f'{name}.weight')
        # theirs convolves a row of what is read beforehand
        if known is None or '.turns.' in name:
            continue
        wanted = manifest['layers'][known[: -len('.weight')]]
        checked += 1
        for ours, key in keys.items():
            if key in wanted:
                value = getattr(layer, ours)
                value = list(value) if isinstance(value, tuple) else value
                assert value == wanted[key], (name, key)
        if 'bias' in wanted:
            assert (layer.bias is not None) == wanted['bias'], name
    assert checked > 150


def test_there_and_back_again(net, official):
    ours = from_official(official, net.state_dict(), CVSFORMER)
    net.load_state_dict(ours)
    back = to_official(ours, official, CVSFORMER)
    assert set(back) == set(official)
    assert all(torch.equal(back[name], official[name]) for name in official)


def test_the_tool_converts_both_ways(convert, small_cfg, official, tmp_path):
    """A file as their training writes it, wrapped for several GPUs."""
    source, ours, back = (tmp_path / f'{n}.pth' for n in 'abc')
    config = tmp_path / 'small.py'
    small_cfg.dump(str(config))
    wrapped = {f'module.{name}': value for name, value in official.items()}
    torch.save(dict(model=wrapped, epoch=999, iteration=48999), source)
    printed = convert(source, ours, '--config', config)
    assert '295 parameters' in printed and 'dropped' in printed
    converted = read_checkpoint(str(ours))
    assert converted['meta']['dataset_meta'] == dict(profile='3dsketch')
    wanted = from_official(official, converted['state_dict'], CVSFORMER)
    assert all(torch.equal(converted['state_dict'][k], wanted[k]) for k in wanted)

    printed = convert(ours, back, '--config', config, '--reverse')
    assert 'zeros' in printed
    zeros = read_checkpoint(str(back))['model']
    for name in (
        'stage2.MultiView.blocks.0.cross_blocks.3.0.mab1.fc_o.weight',
        'stage2.semantic_layer1.1.downsample2.1.weight',
    ):
        assert not zeros[name].any()
    convert(ours, back, '--config', config, '--reverse', '--original', source)
    restored = read_checkpoint(str(back))['model']
    assert all(torch.equal(restored[k], official[k]) for k in official)


@pytest.mark.parametrize(
    'spoil, match',
    [
        (lambda w: w.pop('stage2.cls_token.2'), '1 missing (stage2.cls_token.2)'),
        (lambda w: w.update(other=torch.ones(1)), '1 not used (other)'),
        (
            lambda w: w.update({'stage2.pos_embed.0': torch.ones(3)}),
            '1 of another shape (stage2.pos_embed.0',
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


def test_sizes_are_those_of_the_weights(official, net, small_cfg, tmp_path):
    """Numbers of classes and labels, and F, in either naming."""
    path = str(tmp_path / 'wide.py')
    small_cfg.model.update(channels=16, num_classes=12)
    small_cfg.dump(path)
    config = CVSformerConfig(path, is_resized=True)
    for weights, names in ((official, OFFICIAL_NAMES), (net.state_dict(), OUR_NAMES)):
        built = config.build(weights, names)
        assert (built.num_classes, built.sizes.num_classes) == (5, 5)
        assert built.backbone.num_labels == 6
        assert built.decode_head.classifier.in_channels == 8
    with pytest.raises(InputError, match='no network of CVSformer in it'):
        config.build({'a.weight': torch.ones(1)}, OFFICIAL_NAMES)


def test_other_parts_are_refused():
    """A head that the authors have none of."""
    state = MODELS.build(tiny_cvs_net()).state_dict()
    pair_tensors(state, CVSFORMER)
    state['decode_head.void_classifier.weight'] = torch.ones(1)
    with pytest.raises(InputError, match='void.*with the same parts'):
        pair_tensors(state, CVSFORMER)
