"""Training, resuming and exporting a network of 3D-Sketch."""
import numpy as np
import pytest
import torch
from in_process import call_tool
from mmengine.config import Config
from mmengine.runner import Runner
from tiny_sketch3d import tiny_sketch_net

from cleaners.apis import init_ssc_model
from cleaners.apis.inference import frame_to_batch
from cleaners.testing import tiny_runner_cfg, write_tiny_dataset
from cleaners.testing.tiny import make_arrays
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

REASON = "pip install -e '.[export]' brings it"


def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path):
    """Bit for bit, though every step draws latents."""
    write_tiny_dataset(tmp_path / 'Tiny')

    def train(work_dir, epochs, resume=False):
        cfg = Config(
            tiny_runner_cfg(
                tmp_path / 'Tiny',
                tmp_path / work_dir,
                tiny_sketch_net(),
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                param_scheduler=dict(type='ConstantLR', factor=1.),
                experiment_name=f'sketch_{work_dir}_{epochs}',
                resume=resume))
        Runner.from_cfg(cfg).train()
        return read_checkpoint(
            find_latest_checkpoint(str(tmp_path / work_dir)))

    whole = train('whole', 2)
    train('parts', 1)
    parts = train('parts', 2, resume=True)
    assert parts['meta']['epoch'] == whole['meta']['epoch'] == 2
    assert not any('latents' in key for key in whole['state_dict'])
    assert parts['state_dict'].keys() == whole['state_dict'].keys()
    for key, value in whole['state_dict'].items():
        assert torch.equal(parts['state_dict'][key], value), key


@pytest.fixture(scope='module')
def batch():
    """One frame, as :func:`extract_feat` takes it."""
    return frame_to_batch(
        init_ssc_model(Config(dict(model=tiny_sketch_net()))),
        *(make_arrays(0)[key] for key in ('img', 'tsdf', 'mapping')))


@pytest.fixture(scope='module')
def exported(batch, tmp_path_factory):
    """Config and checkpoint of a network, in a folder; its logits.

    With corners aligned, as published. Its sketch has both labels, and no
    voxel between them, where rounding would decide.
    """
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp('export')
    cfg = tiny_sketch_net(
        dict(num_test_samples=3),
        voxel_neck=dict(type='VoxelProjectionNeck', align_corners=True))
    imports = dict(imports=['sketch3d.register_modules'])
    cfg = Config(dict(model=cfg, custom_imports=imports))
    cfg.dump(str(folder / 'net.py'))
    net = init_ssc_model(cfg)
    with torch.no_grad():
        net.decode_head.classifier.weight *= 40
        net.tsdf_encoder.prior_stem[0][0].weight *= 20
        raw = net.extract_feat(batch)['sketch_raw']
        net.tsdf_encoder.raw_head.classifier.bias -= raw.mean((0, 2, 3, 4))
        feats = net.extract_feat(batch)
        margin = feats['sketch_raw'].diff(dim=1)
        assert 0.1 < (margin > 0).float().mean() < 0.9
        assert margin.abs().min() > 1e-6
        logits = net.decode(feats).numpy()
    assert np.abs(logits).max() > 1
    torch.save(dict(state_dict=net.state_dict()), folder / 'net.pth')
    return folder, logits


def run_torch(path, inputs):
    program = torch.export.load(path).module()
    tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
    with torch.no_grad():
        return [program(**tensors).numpy() for _ in range(2)]


def run_onnx(path, inputs):
    onnxruntime = pytest.importorskip('onnxruntime', reason=REASON)
    session = onnxruntime.InferenceSession(
        path, providers=['CPUExecutionProvider'])
    return [session.run(['logits'], inputs)[0] for _ in range(2)]


@pytest.mark.parametrize('format, ending, run', [('torch', 'pt2', run_torch),
                                                 ('onnx', 'onnx', run_onnx)])
def test_an_export_has_the_same_latents(monkeypatch, batch, exported, format,
                                        ending, run):
    """It draws nothing, and gives what the network gives."""
    if format == 'onnx':
        for name in ('onnx', 'onnxscript', 'onnxruntime'):
            pytest.importorskip(name, reason=REASON)
    folder, expected = exported
    path = folder / f'net.{ending}'
    call_tool(monkeypatch, 'deployment/export_model.py', folder / 'net.py',
              folder / 'net.pth', '--format', format, '--out', path)
    first, second = run(
        path,
        dict(
            img=batch['imgs'].numpy(),
            tsdf=batch['tsdf'].numpy(),
            mapping=make_arrays(0)['mapping']))
    assert (first == second).all()
    np.testing.assert_allclose(first, expected, rtol=0, atol=1e-4)
