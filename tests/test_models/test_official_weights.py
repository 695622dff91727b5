import json

import numpy as np
import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from released_proportions import random_tensors, with_released_proportions

import cleaners.register_modules  # noqa: F401
from cleaners.models.official_keys import (
    OFFICIAL_NAMES,
    OUR_NAMES,
    official_shapes,
    pair_tensors,
    unused_shapes,
)
from cleaners.models.official_weights import (
    from_official,
    resize_model_cfg,
    to_official,
    unwrap_official,
)
from cleaners.testing import make_ssc_batch, tiny_ssc_net
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.errors import InputError

OFFICIAL = 'model_converters/official2cleaners.py'


@pytest.fixture(autouse=True)
def default_scope():
    init_default_scope('mmdet3d')
    torch.manual_seed(0)


@pytest.fixture
def net():
    return MODELS.build(with_released_proportions(tiny_ssc_net()))


@pytest.fixture
def official(net):
    """A state_dict of the authors' layout, no two tensors alike."""
    return random_tensors(official_shapes(net.state_dict()))


@pytest.fixture
def convert(monkeypatch, capsys):
    """Run a converter in this process; returns what it printed."""

    def run(tool, *args):
        call_tool(monkeypatch, tool, *args)
        return capsys.readouterr().out

    return run


def test_names_and_shapes_are_those_of_the_authors(repo_root):
    """All 1188 entries of the full-size model, 108 parameters unused."""
    cfg = Config.fromfile(repo_root / 'configs/cleaners_b2_baseline.py')
    state_dict = MODELS.build(cfg.model).state_dict()
    manifest = json.loads(
        (repo_root / 'tests/data/golden/manifest_b2.json').read_text()
    )
    assert official_shapes(state_dict) == {
        entry['name']: tuple(entry['shape']) for entry in manifest['state_dict']
    }
    unused = unused_shapes(pair_tensors(state_dict))
    assert {n for n in unused if n.endswith(('.weight', '.bias'))} == set(
        manifest['never_used_parameters']
    )


def test_there_and_back_again(net, official):
    ours = from_official(official, net.state_dict())
    net.load_state_dict(ours)
    back = to_official(ours, original=official)
    assert set(back) == set(official)
    assert all(torch.equal(back[name], official[name]) for name in official)


def test_query_comes_before_key_and_value(net, official):
    ours = from_official(official, net.state_dict())
    packed = ours['backbone.layers.1.1.1.attn.attn.in_proj_weight']
    name = 'encoder.block2.1.attn.{}.weight'
    assert torch.equal(packed[:16], official[name.format('q')])
    assert torch.equal(packed[16:], official[name.format('kv')])


def test_never_used_tensors_are_zeros_without_an_original(net):
    ours = net.state_dict()
    official = to_official(ours)
    unused = unused_shapes(pair_tensors(ours))
    for name in unused:
        wanted = 1 if name.endswith('running_var') else 0
        assert (official[name] == wanted).all()


@pytest.mark.parametrize('nest', [None, 'model', 'net', 'network'])
@pytest.mark.parametrize('prefix', ['', 'module.', 'student.module.'])
def test_forms_of_the_file(official, nest, prefix):
    wrapped = {prefix + name: value for name, value in official.items()}
    found = unwrap_official({nest: wrapped, 'epoch': 3} if nest else wrapped)
    assert set(found) == set(official)
    assert all(found[name] is official[name] for name in official)


def test_what_does_not_fit_is_named(net, official):
    like = net.state_dict()
    name = 'complete.classify_semantic.2.1.bias'
    unused = next(iter(unused_shapes(pair_tensors(like))))
    without = {k: v for k, v in official.items() if k != name}
    for changed, match in [
        (without, f'1 missing .{name}'),
        ({k: v for k, v in official.items() if k != unused}, f'1 missing .{unused}'),
        (dict(official, extra=torch.ones(2)), '1 not used .extra'),
        (
            dict(official, **{name: torch.ones(3)}),
            rf'1 of another shape .{name}: \(3,\) instead of \(12,\)',
        ),
        (dict(official, **{unused: torch.ones(3)}), '1 of another shape'),
    ]:
        with pytest.raises(InputError, match=match):
            from_official(changed, like)
    with pytest.raises(InputError, match='two tensors are called'):
        unwrap_official({**official, f'module.{name}': torch.ones(12)})
    with pytest.raises(InputError, match='no state_dict, but a list'):
        unwrap_official([1])
    with pytest.raises(InputError, match="'epoch' is no tensor"):
        unwrap_official(dict(official, epoch=3))


def test_another_backbone_is_refused():
    with pytest.raises(InputError, match="nothing like 'backbone.conv1"):
        pair_tensors({'backbone.conv1.weight': torch.ones(1)})


def test_sizes_are_read_from_either_naming(net, official):
    cfg = with_released_proportions(tiny_ssc_net(channels=16))
    cfg['backbone'].update(embed_dims=16, num_layers=[3, 3, 3, 3])
    for weights, names in ((official, OFFICIAL_NAMES), (net.state_dict(), OUR_NAMES)):
        resized = MODELS.build(resize_model_cfg(cfg, weights, names))
        shapes = {k: v.shape for k, v in resized.state_dict().items()}
        assert shapes == {k: v.shape for k, v in net.state_dict().items()}


def test_the_tool_converts_both_ways(convert, net, official, tmp_path):
    """The sizes are not those of any config; a scalar as the authors' has."""
    source, ours, back = (tmp_path / f'{n}.pth' for n in 'abc')
    torch.save(dict(model=official, best_val=np.float32(0.4)), source)
    printed = convert(OFFICIAL, source, ours)
    assert '108 parameters' in printed and 'dropped' in printed
    converted = read_checkpoint(str(ours))
    state_dict = converted['state_dict']
    # the release that the authors train on
    assert converted['meta']['dataset_meta'] == dict(profile='3dsketch')
    expected = from_official(official, state_dict)
    assert all(torch.equal(state_dict[k], expected[k]) for k in expected)

    assert 'zeros' in convert(OFFICIAL, ours, back, '--reverse')
    assert not read_checkpoint(str(back))['model'][
        next(iter(unused_shapes(pair_tensors(state_dict))))
    ].any()
    printed = convert(
        OFFICIAL,
        ours,
        back,
        '--reverse',
        '--original',
        source,
    )
    assert 'kept from' in printed
    restored = read_checkpoint(str(back))['model']
    assert all(torch.equal(restored[k], official[k]) for k in official)


def test_the_tool_says_in_one_line_what_is_wrong(
    convert, official, tmp_path, repo_root
):
    source, target = tmp_path / 'source.pth', tmp_path / 'target.pth'
    official.pop('head.linear_pred.bias')
    torch.save(official, source)
    with pytest.raises(SystemExit) as error:
        convert(OFFICIAL, source, target)
    assert str(error.value).startswith(f"error: checkpoint '{source}': of ")
    assert 'head.linear_pred.bias' in str(error.value)
    with pytest.raises(SystemExit, match='of another shape'):
        convert(
            OFFICIAL,
            source,
            target,
            '--config',
            repo_root / 'configs/cleaners_b0.py',
        )
    with pytest.raises(SystemExit, match='not found'):
        convert(OFFICIAL, tmp_path / 'none.pth', target)
    assert not target.exists()


def test_a_released_encoder_becomes_a_pretrained_backbone(convert, official, tmp_path):
    source, target = tmp_path / 'mit.pth', tmp_path / 'mmseg.pth'
    released = {
        name[len('encoder.') :]: value
        for name, value in official.items()
        if name.startswith('encoder.')
    }
    head = {'head.weight': torch.ones(9, 64), 'head.bias': torch.ones(9)}
    torch.save({**released, **head}, source)
    printed = convert('model_converters/segformer2mmseg.py', source, target)
    assert 'head.weight, head.bias' in printed
    init_cfg = dict(type='Pretrained', checkpoint=str(target))
    cfg = with_released_proportions(tiny_ssc_net())
    cfg['backbone']['init_cfg'] = init_cfg
    net = MODELS.build(cfg)
    net.init_weights()
    wanted = from_official(official, net.state_dict())
    for name, value in net.backbone.state_dict().items():
        assert torch.equal(value, wanted[f'backbone.{name}'])
    net.eval()(make_ssc_batch(1)[0])

    torch.save({**released, 'norm5.weight': torch.ones(1)}, source)
    with pytest.raises(SystemExit, match='1 not used .encoder.norm5.weight'):
        convert('model_converters/segformer2mmseg.py', source, target)
