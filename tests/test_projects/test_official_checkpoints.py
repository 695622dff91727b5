"""Checkpoints of 3D-Sketch and CVSformer (AMMNet's: test_ammnet_weights.py)."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cvsformer_cases
import pytest
import sketch3d_cases
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from tiny_cvsformer import tiny_cvs_net
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
from cvsformer.model_converters.cvsformer_config import CVSformerConfig
from cvsformer.models.official_keys import CVSFORMER
from sketch3d.model_converters.sketch_config import SketchConfig
from sketch3d.models.official_keys import SKETCH3D

# ours: the manifests'
SETTINGS = dict(
    kernel_size='kernel',
    stride='stride',
    padding='padding',
    dilation='dilation',
    in_features='in_features',
    out_features='out_features',
    eps='eps',
    momentum='momentum',
)


class Method(NamedTuple):
    """What differs between the two.

    Attributes:
        name (str): As messages have it.
        config (str): Of the published network.
        small (Callable): Makes its model small, with 5 classes.
        tool (str): The converter.
        table (OfficialKeys): Which tensor of ours is which of theirs.
        golden (Path): Folder of the manifest.
        trained (str): Count in it of what is trained.
        layers (int): It has more of them than this.
        unused (int): Parameters of theirs that nothing uses.
        zeros (tuple[str, ...]): Some of them.
        missing, reshaped (str): Tensors of theirs to spoil a file with.
        sizes (type): Reads the sizes of a network off its weights.
        without_void (Callable): Makes a tiny network that has all of theirs.
    """

    name: str
    config: str
    small: Callable
    tool: str
    table: object
    golden: Path
    trained: str
    layers: int
    unused: int
    zeros: tuple[str, ...]
    missing: str
    reshaped: str
    sizes: type
    without_void: Callable


def small_sketch(model):
    model.update(channels=16, num_classes=5)
    model.backbone.update(base_channels=8, stem_channels=16)
    model.head_2d.in_channels = 256


def small_cvsformer(model):
    model.update(channels=8, num_classes=5, grid_size=(12, 8, 16))
    model.backbone.num_labels = 6


METHODS = [
    Method(
        name='3D-Sketch',
        config='configs/sketch3d_r50.py',
        small=small_sketch,
        tool='model_converters/official2sketch3d.py',
        table=SKETCH3D,
        golden=sketch3d_cases.GOLDEN,
        trained='trained_and_used_elements',
        layers=250,
        unused=108,
        zeros=('stage1.completion_layer1.1.downsample2.1.weight',),
        missing='stage1.cvae.mean.bias',
        reshaped='stage2.downsample.0.weight',
        sizes=SketchConfig,
        without_void=lambda: tiny_sketch_net(**TSDF_ALONE),
    ),
    Method(
        name='CVSformer',
        config='configs/cvsformer_seg2d.py',
        small=small_cvsformer,
        tool='model_converters/official2cvsformer.py',
        table=CVSFORMER,
        golden=cvsformer_cases.GOLDEN,
        trained='used_elements',
        layers=150,
        unused=295,
        zeros=(
            'stage2.MultiView.blocks.0.cross_blocks.3.0.mab1.fc_o.weight',
            'stage2.semantic_layer1.1.downsample2.1.weight',
        ),
        missing='stage2.cls_token.2',
        reshaped='stage2.pos_embed.0',
        sizes=CVSformerConfig,
        without_void=tiny_cvs_net,
    ),
]


@pytest.fixture(scope='module', params=METHODS, ids=lambda method: method.name)
def method(request):
    return request.param


@pytest.fixture(scope='module')
def manifest(method):
    return json.loads((method.golden / 'manifest.json').read_text())


@pytest.fixture(scope='module')
def published(method, repo_root):
    """The network of the config, without its gigabytes of weights."""
    init_default_scope('mmdet3d')
    with torch.device('meta'):
        return MODELS.build(Config.fromfile(repo_root / method.config).model)


@pytest.fixture
def small_cfg(method, repo_root):
    """The network of the config, in few channels and classes."""
    cfg = Config.fromfile(repo_root / method.config)
    method.small(cfg.model)
    return cfg


@pytest.fixture
def net(small_cfg):
    return MODELS.build(small_cfg.model)


@pytest.fixture
def official(net, method):
    """A state_dict of the authors' layout, no two tensors alike."""
    torch.manual_seed(0)
    return {
        name: torch.randn(shape) if shape else torch.tensor(7)
        for name, shape in official_shapes(net.state_dict(), method.table).items()
    }


@pytest.fixture
def convert(method, monkeypatch, capsys):
    """Run the converter in this process; returns what it printed."""

    def run(*args):
        call_tool(monkeypatch, method.tool, *args)
        return capsys.readouterr().out

    return run


def test_names_and_shapes_are_those_of_the_authors(method, published, manifest):
    """Of all entries, those among them that nothing uses, too."""
    entries = manifest['state_dict']
    state = published.state_dict()
    assert official_shapes(state, method.table) == {
        entry['name']: tuple(entry['shape']) for entry in entries
    }
    unused = unused_shapes(pair_tensors(state, method.table), method.table)
    assert set(unused) == {e['name'] for e in entries if e['never_used']}
    statistics = 'running_mean', 'running_var', 'num_batches_tracked'
    assert sum(not name.endswith(statistics) for name in unused) == method.unused
    trained = sum(p.numel() for p in published.parameters() if p.requires_grad)
    assert trained == manifest['counts'][method.trained]


def test_layers_are_those_of_the_authors(method, published, manifest):
    """Kernel, stride, padding and bias; epsilon and momentum; features."""
    theirs = {
        pair.ours: pair.theirs[0]
        for pair in pair_tensors(published.state_dict(), method.table)
    }
    checked = 0
    for name, layer in published.named_modules():
        known = theirs.get(f'{name}.weight')
        # CVSformer's convolves a row of what is read beforehand
        if known is None or '.turns.' in name:
            continue
        wanted = manifest['layers'][known[: -len('.weight')]]
        checked += 1
        for ours, key in SETTINGS.items():
            if key in wanted:
                value = getattr(layer, ours)
                value = list(value) if isinstance(value, tuple) else value
                assert value == wanted[key], (name, key)
        if 'bias' in wanted:
            assert (layer.bias is not None) == wanted['bias'], name
    assert checked > method.layers


def test_there_and_back_again(method, net, official):
    ours = from_official(official, net.state_dict(), method.table)
    net.load_state_dict(ours)
    back = to_official(ours, official, method.table)
    assert set(back) == set(official)
    assert all(torch.equal(back[name], official[name]) for name in official)


def test_the_tool_converts_both_ways(method, convert, small_cfg, official, tmp_path):
    """A file as their training writes it, wrapped for several GPUs."""
    source, ours, back = (tmp_path / f'{n}.pth' for n in 'abc')
    config = tmp_path / 'small.py'
    small_cfg.dump(str(config))
    wrapped = {f'module.{name}': value for name, value in official.items()}
    torch.save(dict(model=wrapped, epoch=250, iteration=49500), source)
    printed = convert(source, ours, '--config', config)
    assert f'{method.unused} parameters' in printed and 'dropped' in printed
    converted = read_checkpoint(str(ours))
    assert converted['meta']['dataset_meta'] == dict(profile='3dsketch')
    wanted = from_official(official, converted['state_dict'], method.table)
    assert all(torch.equal(converted['state_dict'][k], wanted[k]) for k in wanted)

    printed = convert(ours, back, '--config', config, '--reverse')
    assert 'zeros' in printed
    zeros = read_checkpoint(str(back))['model']
    assert not any(zeros[name].any() for name in method.zeros)
    convert(ours, back, '--config', config, '--reverse', '--original', source)
    restored = read_checkpoint(str(back))['model']
    assert all(torch.equal(restored[k], official[k]) for k in official)


@pytest.mark.parametrize('spoilt', ['missing', 'other', 'reshaped'])
def test_what_does_not_fit_gets_one_line(
    method, convert, small_cfg, official, tmp_path, spoilt
):
    if spoilt == 'missing':
        official.pop(method.missing)
        message = f'1 missing ({method.missing})'
    elif spoilt == 'other':
        official['other'] = torch.ones(1)
        message = '1 not used (other)'
    else:
        official[method.reshaped] = torch.ones(3)
        message = f'1 of another shape ({method.reshaped}'
    source, target = tmp_path / 'a.pth', tmp_path / 'b.pth'
    small_cfg.dump(str(tmp_path / 'small.py'))
    torch.save(official, source)
    with pytest.raises(SystemExit, match=f'^error: .*{re.escape(message)}'):
        convert(source, target, '--config', tmp_path / 'small.py')
    assert not target.exists()


def test_sizes_are_those_of_the_weights(method, official, net, small_cfg, tmp_path):
    """Channels, numbers of classes and labels, in either naming."""
    path = str(tmp_path / 'wide.py')
    small_cfg.model.update(channels=2 * small_cfg.model.channels, num_classes=12)
    small_cfg.dump(path)
    config = method.sizes(path, is_resized=True)
    for weights, names in ((official, OFFICIAL_NAMES), (net.state_dict(), OUR_NAMES)):
        built = config.build(weights, names)
        assert (built.num_classes, built.sizes.num_classes) == (5, 5)
        assert {k: v.shape for k, v in built.state_dict().items()} == {
            k: v.shape for k, v in net.state_dict().items()
        }
    with pytest.raises(InputError, match=f'no network of {method.name} in it'):
        config.build({'a.weight': torch.ones(1)}, OFFICIAL_NAMES)


def test_other_parts_are_refused(method):
    """A head that the authors have none of."""
    state = MODELS.build(method.without_void()).state_dict()
    pair_tensors(state, method.table)
    state['decode_head.void_classifier.weight'] = torch.ones(1)
    with pytest.raises(InputError, match='void.*with the same parts'):
        pair_tensors(state, method.table)
