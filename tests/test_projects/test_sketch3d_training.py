"""Training, resuming and exporting a network of 3D-Sketch."""

import pytest
import torch
from export_cases import FORMATS, RUN, assert_equal_logits, need_packages
from in_process import call_tool
from mmengine.config import Config
from resume_cases import check_tiny_resume
from tiny_sketch3d import tiny_sketch_net

from cleaners.testing import write_tiny_dataset


@pytest.mark.long
def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path):
    """Bit for bit, though every step draws latents."""
    write_tiny_dataset(tmp_path / 'Tiny')
    whole = check_tiny_resume(tmp_path, tiny_sketch_net())
    assert not any('latents' in key for key in whole['state_dict'])


@pytest.fixture(scope='module')
def exported(make_net, frame_of, tmp_path_factory):
    """Config and checkpoint in a folder; a frame and its logits.

    With corners aligned, as published. The sketch has both labels, and no
    voxel between them, where rounding would decide.
    """
    folder = tmp_path_factory.mktemp('export')
    cfg = tiny_sketch_net(
        dict(num_test_samples=3),
        voxel_neck=dict(type='VoxelProjectionNeck', align_corners=True),
    )
    imports = dict(imports=['sketch3d.register_modules'])
    cfg = Config(dict(model=cfg, custom_imports=imports))
    cfg.dump(str(folder / 'net.py'))
    net, margins = make_net(cfg), []
    head = net.tsdf_encoder.raw_head
    head.register_forward_hook(lambda _, args, raw: margins.append(raw.diff(dim=1)))
    frame_of(net)
    values = margins.pop().flatten().sort().values
    middle = values[len(values) * 2 // 5 : len(values) * 3 // 5]
    widest = middle.diff().argmax()
    with torch.no_grad():
        head.classifier.bias[1] -= middle[widest : widest + 2].mean()
    frame, logits = frame_of(net)
    assert 0.4 < (margins[0] > 0).float().mean() < 0.6
    assert margins[0].abs().min() > 1e-5
    torch.save(dict(state_dict=net.state_dict()), folder / 'net.pth')
    return folder, frame, logits


@pytest.mark.parametrize('format', FORMATS)
@pytest.mark.long
def test_an_export_has_the_same_latents(monkeypatch, exported, format):
    """It draws nothing, and gives what the network gives."""
    need_packages(format)
    folder, frame, expected = exported
    path = folder / f'net.{FORMATS[format]}'
    call_tool(
        monkeypatch,
        'deployment/export_model.py',
        folder / 'net.py',
        folder / 'net.pth',
        '--format',
        format,
        '--out',
        path,
    )
    told, logits = RUN[format](path, frame)
    assert set(told['inputs']) == {'img', 'tsdf', 'mapping'}
    assert_equal_logits(logits, expected)
    assert (RUN[format](path, frame)[1] == logits).all()
