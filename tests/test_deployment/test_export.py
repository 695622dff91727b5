"""What is exported computes what the network does."""

import sys
from pathlib import Path

import pytest
import torch
from export_cases import (
    FORMAT_CASES,
    FORMATS,
    REASON,
    RUN,
    assert_equal_logits,
    need_packages,
)
from mmengine.config import Config
from torch.torch_version import TorchVersion

from cleaners.apis import init_ssc_model
from cleaners.data_preparation.profile import get_profile
from cleaners.deployment.export import OPSET, export_network
from cleaners.models.necks import VoxelProjectionNeck
from cleaners.testing import tiny_ssc_net
from cleaners.utils.errors import InputError
from cleaners.utils.shipped_weights import shipped_names

META = dict(classes=['empty', 'wall'], profile='adassc')
VOID = dict(type='SSCHead', loss_void=dict(type='VoidLoss'), void_thr=0.25)


def tiny_photo():
    return Config(dict(model=tiny_ssc_net(decode_head=VOID)))


@pytest.fixture(scope='module')
def net(make_net):
    made = make_net(tiny_photo())
    made.dataset_meta = META
    return made


@pytest.fixture(scope='module')
def files(net, tmp_path_factory):
    """Export the tiny network once in each format that can be had."""
    folder, made = tmp_path_factory.mktemp('exports'), {}

    def get(format):
        need_packages(format)
        if format not in made:
            path = folder / f'net.{FORMATS[format]}'
            made[format] = path, export_network(net, format, path)
        return made[format]

    return get


@pytest.mark.parametrize('format', FORMAT_CASES)
def test_logits_equal_those_of_torch(net, files, frame_of, format):
    path, metadata = files(format)
    inputs, expected = frame_of(net)
    told, logits = RUN[format](path, inputs)
    assert told == metadata
    assert_equal_logits(logits, expected)


@pytest.mark.parametrize('format', FORMAT_CASES)
def test_metadata(files, format):
    _, told = files(format)
    assert told['inputs'] == dict(
        img=dict(shape=[1, 3, 32, 64], dtype='float32'),
        tsdf=dict(shape=[1, 1, 12, 8, 16], dtype='float32'),
        mapping=dict(shape=[1536], dtype='int64'),
    )
    # the void logit comes after those of the 12 classes
    assert told['outputs']['logits']['shape'] == [1, 13, 12, 8, 16]
    assert (told['num_classes'], told['void_logit']) == (12, True)
    assert told['void_thr'] == 0.25
    assert told['classes'] == META['classes']
    assert told['profile'] == 'adassc'
    assert told['mean'] == [123.675, 116.28, 103.53]
    assert told['std'] == [58.395, 57.12, 57.375]
    assert (told['img_size'], told['grid_size']) == ([32, 64], [12, 8, 16])


def test_onnx_file_is_valid_and_names_no_path(files):
    path, _ = files('onnx')
    onnx = pytest.importorskip('onnx', reason=REASON)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [('', OPSET)]
    assert str(Path(__file__).resolve().parents[2]).encode() not in (path.read_bytes())
    kinds = {node.op_type for node in model.graph.node}
    assert not kinds & {'NonZero', 'ScatterND', 'ScatterElements', 'Loop'}


def test_the_network_itself_stays_as_it_is(net, files):
    files('onnx')
    assert isinstance(net.voxel_neck, VoxelProjectionNeck)
    assert all(p.requires_grad for p in net.decode_head.parameters())
    assert torch.backends.mha.get_fastpath_enabled()


@pytest.mark.parametrize('package', ['onnx', 'onnxscript'])
def test_a_missing_package_is_named(net, monkeypatch, tmp_path, package):
    for name in ('onnx', 'onnxscript'):
        monkeypatch.setitem(sys.modules, name, sys)  # as if it were there
    monkeypatch.setitem(sys.modules, package, None)  # and this one not
    with pytest.raises(InputError, match=f"package '{package}': pip install"):
        export_network(net, 'onnx', tmp_path / 'a.onnx')
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused(net, tmp_path):
    with pytest.raises(InputError, match="onnx.*torch.*got 'tf'"):
        export_network(net, 'tf', tmp_path / 'a')


def test_an_old_torch_is_refused(net, monkeypatch, tmp_path):
    monkeypatch.setattr(torch, '__version__', TorchVersion('2.5.1'))
    with pytest.raises(InputError, match='2.6 or newer, but torch 2.5.1'):
        export_network(net, 'torch', tmp_path / 'a.pt2')


@pytest.mark.slow
@pytest.mark.parametrize('format', FORMAT_CASES)
@pytest.mark.parametrize('name', ['depth-d32', 'efflite0-d32'])
def test_full_size(make_net, frame_of, repo_root, tmp_path, name, format):
    need_packages(format)
    net = make_net(str(repo_root / 'configs' / f'cleaners_{name}.py'))
    path = tmp_path / f'net.{FORMATS[format]}'
    export_network(net, format, path)
    inputs, expected = frame_of(net)
    assert expected.shape == (1, 13, 60, 36, 60)
    assert_equal_logits(RUN[format](path, inputs)[1], expected)


# a student has what the other networks of its inputs have
SHIPPED = [
    pytest.param(
        name,
        marks=pytest.mark.slow
        if name.endswith(('_baseline', '_teacher'))
        else pytest.mark.long,
    )
    for name in shipped_names()
]


@pytest.mark.parametrize('format', FORMAT_CASES)
@pytest.mark.parametrize('name', SHIPPED)
def test_networks_that_come_with_the_package(frame_of, room, tmp_path, name, format):
    """On a synthetic room, as they are used."""
    need_packages(format)
    net = init_ssc_model(name)
    path = tmp_path / f'net.{FORMATS[format]}'
    told = export_network(net, format, path)
    volumes = get_profile(told['profile']).sensor_volumes(room.depth_mm, room.view)
    frame = dict(img=room.rgb, tsdf=volumes.tsdf, mapping=volumes.mapping)
    inputs, expected = frame_of(net, frame)
    assert_equal_logits(RUN[format](path, inputs)[1], expected)
