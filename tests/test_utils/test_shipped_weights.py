"""Weights of the package: small files, ordinary checkpoints, by name."""

import pytest
import torch
from in_process import call_tool
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

from cleaners.apis import init_ssc_model
from cleaners.model_converters import ship
from cleaners.testing.tiny import tiny_distiller, tiny_ssc_net
from cleaners.utils import shipped_weights
from cleaners.utils.checkpoint import find_best_checkpoint, load_strictly
from cleaners.utils.errors import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of weights, and a cache of its own."""
    for module in (ship, shipped_weights):
        monkeypatch.setattr(module, 'FOLDER', tmp_path / 'weights')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'cache'))
    (tmp_path / 'weights').mkdir()
    init_default_scope('mmdet3d')
    return tmp_path


def train(folder, name, seed, backbone=None):
    """A checkpoint of a tiny network, and its config."""
    torch.manual_seed(seed)
    network = MODELS.build(tiny_ssc_net())
    if backbone is not None:
        network.backbone.load_state_dict(backbone)
    path = folder / f'{name}_trained.pth'
    meta = dict(epoch=3, dataset_meta=dict(profile='3dsketch'))
    torch.save(dict(meta=meta, state_dict=network.state_dict()), path)
    config = folder / f'{name}.py'
    Config(dict(model=tiny_ssc_net(pretrained_2d=None))).dump(config)
    return str(config), str(path), network


def test_by_name_it_is_the_network_up_to_half_precision(folder, monkeypatch):
    config, path, network = train(folder, 'net', 0)
    call_tool(monkeypatch, 'model_converters/ship_model.py', config, path, 'net')
    loaded = init_ssc_model('net')
    assert loaded.dataset_meta == dict(profile='3dsketch')
    for (key, ours), theirs in zip(
        network.state_dict().items(), loaded.state_dict().values()
    ):
        assert theirs.dtype == ours.dtype
        exact = ours.dim() < 2 or not ours.is_floating_point()
        torch.testing.assert_close(
            theirs, ours, rtol=0 if exact else 2**-11, atol=1e-7, msg=key
        )
    # an ordinary checkpoint, also for those who know the file alone
    other = MODELS.build(tiny_ssc_net())
    load_strictly(other, find_best_checkpoint('net'))
    assert torch.equal(
        other.decode_head.classifier.weight, loaded.decode_head.classifier.weight
    )
    assert shipped_weights.shipped_names() == ['net']


def test_an_encoder_is_kept_once(folder):
    config, path, network = train(folder, 'first', 0)
    encoder = network.backbone.state_dict()
    ship.ship_model(config, path, 'first', shared='encoder')
    ship.ship_model(
        *train(folder, 'second', 1, encoder)[:2], 'second', shared='encoder'
    )
    assert shipped_weights.shipped_names() == ['first', 'second']
    first, second = map(init_ssc_model, ('first', 'second'))
    for key, value in encoder.items():
        for loaded in (first, second):
            torch.testing.assert_close(
                loaded.backbone.state_dict()[key], value, rtol=2**-11, atol=1e-7
            )
    assert not torch.equal(
        first.decode_head.classifier.weight, second.decode_head.classifier.weight
    )
    stored = torch.load(folder / 'weights/first.pth', weights_only=True)
    assert not any(key.startswith('backbone.') for key in stored['state_dict'])
    with pytest.raises(InputError, match='holds another encoder'):
        ship.ship_model(*train(folder, 'third', 2)[:2], 'third', shared='encoder')


def test_new_weights_are_not_hidden_by_those_of_before(folder):
    for seed in (0, 1):
        config, path, network = train(folder, 'net', seed)
        ship.ship_model(config, path, 'net')
        torch.testing.assert_close(
            init_ssc_model('net').decode_head.classifier.weight,
            network.decode_head.classifier.weight,
            rtol=2**-11,
            atol=1e-7,
        )


def test_a_teacher_by_name(folder):
    config, path, network = train(folder, 'teacher', 0)
    ship.ship_model(config, path, 'teacher')
    model = MODELS.build(tiny_distiller('teacher'))
    model.load_teacher()
    assert torch.equal(
        model.teacher.decode_head.classifier.bias, network.decode_head.classifier.bias
    )


def test_an_unknown_name_lists_the_known_ones(folder):
    config, path, _ = train(folder, 'net', 0)
    ship.ship_model(config, path, 'net')
    with pytest.raises(InputError, match='come with the package: net'):
        init_ssc_model('nett')
    for name in ('nett', '../weights/net', ''):
        assert shipped_weights.shipped_checkpoint(name) is None
