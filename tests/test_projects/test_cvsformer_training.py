"""Training, resuming and exporting a network of CVSformer."""

import pytest
import torch
from export_cases import FORMATS, RUN, assert_equal_logits, need_packages
from in_process import call_tool
from mmengine.config import Config
from mmengine.runner import Runner
from resume_cases import check_resume, see_no_photo
from tiny_cvsformer import tiny_cvs_net

from cleaners.deployment.export import trace
from cleaners.deployment.static_net import StaticSSCNet
from cleaners.testing import tiny_runner_cfg, write_tiny_dataset
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

IMPORTS = dict(imports=['cvsformer.register_modules'])


@pytest.mark.long
def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path, no_config_text):
    """Bit for bit; what follows from the grid is not in a checkpoint."""
    write_tiny_dataset(tmp_path / 'Tiny', 3, 1)

    def train(work_dir, epochs, resume=False):
        cfg = Config(
            tiny_runner_cfg(
                tmp_path / 'Tiny',
                tmp_path / work_dir,
                tiny_cvs_net(),
                train_cfg=dict(by_epoch=True, max_epochs=epochs),
                param_scheduler=dict(type='ConstantLR', factor=1.0),
                experiment_name=f'cvsformer_{work_dir}_{epochs}',
                resume=resume,
            )
        )
        see_no_photo(cfg, ['tsdf', 'mapping2d', 'seg2d'])
        for split in ('train', 'val', 'test'):
            # collects garbage, which takes a while
            cfg[f'{split}_dataloader'].dataset.serialize_data = False
        Runner.from_cfg(cfg).train()
        return read_checkpoint(find_latest_checkpoint(str(tmp_path / work_dir)))

    whole = check_resume(train)
    assert not any('.taps' in key for key in whole['state_dict'])


@pytest.mark.long
def test_its_program_gives_what_the_network_gives(make_net, frame_of):
    """What is written to a file; the files themselves take longer."""
    net = make_net(Config(dict(model=tiny_cvs_net())))
    frame, expected = frame_of(net)
    assert set(frame) == {'seg2d', 'tsdf', 'mapping'}
    program = trace(StaticSSCNet(net)).module()
    with torch.no_grad():
        logits = program(**{k: torch.from_numpy(v) for k, v in frame.items()})
    assert_equal_logits(logits.numpy(), expected)


@pytest.mark.parametrize('format', FORMATS)
@pytest.mark.parametrize(
    'name',
    [
        pytest.param('tiny', marks=pytest.mark.long),
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ('seg2d-d32', 'pred2d-d32', 'seg2d')
        ),
    ],
)
def test_the_tool_exports_a_config(
    make_net, frame_of, repo_root, tmp_path, monkeypatch, name, format
):
    """The small ones in full size, the published one on a small grid."""
    need_packages(format)
    if name == 'tiny':
        cfg = Config(dict(model=tiny_cvs_net()))
    else:
        cfg = Config.fromfile(repo_root / f'configs/cvsformer_{name}.py')
    if name == 'seg2d':
        cfg.model.grid_size = (24, 12, 24)
    config, weights = tmp_path / 'net.py', tmp_path / 'net.pth'
    path = tmp_path / f'net.{FORMATS[format]}'
    Config(dict(model=cfg.model, custom_imports=IMPORTS)).dump(str(config))
    net = make_net(cfg)
    torch.save(dict(state_dict=net.state_dict()), weights)
    arguments = config, weights, '--format', format, '--out', path
    call_tool(monkeypatch, 'deployment/export_model.py', *arguments)
    frame, expected = frame_of(net)
    told, logits = RUN[format](path, frame)
    assert set(told['inputs']) == {'seg2d', 'tsdf', 'mapping'}
    assert told['outputs']['logits']['shape'] == list(expected.shape)
    assert_equal_logits(logits, expected)
