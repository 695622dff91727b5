"""torchvision's ResNet-50 becomes the backbone of the ResNet config."""

import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.registry import init_default_scope

TOOL = 'model_converters/torchvision2mmseg.py'


@pytest.fixture(scope='module')
def released():
    """A state_dict as torchvision's, at random."""
    init_default_scope('mmdet3d')
    import cleaners.register_modules  # noqa: F401

    torch.manual_seed(0)
    backbone = MODELS.build(dict(type='DilatedResNet', depth=50, out_indices=(3,)))
    return dict(
        backbone.state_dict(),
        **{'fc.weight': torch.zeros(1000, 2048), 'fc.bias': torch.zeros(1000)},
    )


@pytest.mark.parametrize('with_counters', [True, False])
def test_conversion(monkeypatch, capsys, released, tmp_path, with_counters):
    """Files of old torch versions have no counters."""
    kept = {
        name: value
        for name, value in released.items()
        if with_counters or not name.endswith('num_batches_tracked')
    }
    torch.save(kept, tmp_path / 'in.pth')
    call_tool(monkeypatch, TOOL, tmp_path / 'in.pth', tmp_path / 'out.pth')
    printed = capsys.readouterr().out
    assert '318 tensors of ResNet-50' in printed
    assert '(fc.weight, fc.bias)' in printed
    backbone = MODELS.build(
        dict(
            type='DilatedResNet',
            depth=50,
            out_indices=(3,),
            init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'out.pth')),
        )
    )
    backbone.init_weights()
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, released[name])


def deep_names(weights, infix):
    """The names that a release gives to a deep stem and to its norms."""
    renamed = {}
    for name, value in weights.items():
        if name.startswith('stem.'):
            _, index, leaf = name.split('.')
            number, is_norm = divmod(int(index), 3)
            layer = f'bn{number + 1}{infix}' if is_norm else (f'conv{number + 1}')
            name = f'{layer}.{leaf}'
        renamed[name] = value
    return renamed


@pytest.mark.parametrize('infix', ['', '.bn'])
def test_a_deep_stem(monkeypatch, capsys, tmp_path, infix):
    """Its three convolutions and norms move into mmseg's row."""
    init_default_scope('mmdet3d')
    cfg = dict(
        type='DilatedResNet',
        depth=50,
        out_indices=(3,),
        deep_stem=True,
        stem_channels=128,
        multi_grid=(2, 4, 8),
    )
    weights = MODELS.build(cfg).state_dict()
    released = deep_names(weights, infix)
    assert {'conv3.weight', f'bn2{infix}.bias'} <= set(released)
    torch.save(released, tmp_path / 'in.pth')
    call_tool(monkeypatch, TOOL, tmp_path / 'in.pth', tmp_path / 'out.pth')
    assert '330 tensors of ResNet-50' in capsys.readouterr().out
    init_cfg = dict(type='Pretrained', checkpoint=str(tmp_path / 'out.pth'))
    backbone = MODELS.build(dict(cfg, init_cfg=init_cfg))
    backbone.init_weights()
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, weights[name]), name


@pytest.mark.parametrize(
    'spoil, message',
    [
        (lambda w: w.pop('layer2.1.bn1.bias'), '1 missing (layer2.1.bn1.bias)'),
        (lambda w: w.update(other=torch.ones(1)), '1 not used (other)'),
        (lambda w: w.pop('layer1.2.conv3.weight'), 'no ResNet-50, 101 or 152'),
    ],
    ids=['missing', 'surplus', 'other-network'],
)
def test_another_network_is_refused(monkeypatch, released, tmp_path, spoil, message):
    weights = dict(released)
    spoil(weights)
    torch.save(weights, tmp_path / 'in.pth')
    with pytest.raises(SystemExit) as stopped:
        call_tool(monkeypatch, TOOL, tmp_path / 'in.pth', tmp_path / 'out.pth')
    line = str(stopped.value)
    assert line.startswith('error: ') and message in line
    assert not (tmp_path / 'out.pth').exists()
