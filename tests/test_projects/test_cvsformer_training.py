"""Training, resuming and exporting a network of CVSformer."""

import pytest
import torch
from export_cases import FORMATS, RUN, assert_equal_logits, need_packages
from in_process import call_tool
from mmengine.config import Config
from mmengine.runner import Runner
from resume_cases import check_resume, see_no_photo
from tiny_cvsformer import tiny_cvs_net

from cleaners.deployment.export import export_network
from cleaners.testing import tiny_runner_cfg, write_tiny_dataset
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

IMPORTS = dict(imports=['cvsformer.register_modules'])


@pytest.fixture(autouse=True)
def no_config_text(monkeypatch):
    """The Runner formats its config three times."""
    monkeypatch.setattr(Config, 'pretty_text', '')


def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path):
    """Bit for bit; what follows from the grid is not in a checkpoint."""
    write_tiny_dataset(tmp_path / 'Tiny')

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
        Runner.from_cfg(cfg).train()
        return read_checkpoint(find_latest_checkpoint(str(tmp_path / work_dir)))

    whole = check_resume(train)
    assert not any('.taps' in key for key in whole['state_dict'])


@pytest.fixture(scope='module')
def exported(make_net, frame_of, tmp_path_factory):
    """Config and checkpoint in a folder; a frame and its logits."""
    folder = tmp_path_factory.mktemp('export')
    cfg = Config(dict(model=tiny_cvs_net(), custom_imports=IMPORTS))
    cfg.dump(str(folder / 'net.py'))
    net = make_net(cfg)
    torch.save(dict(state_dict=net.state_dict()), folder / 'net.pth')
    return folder, *frame_of(net)


@pytest.mark.parametrize('format', FORMATS)
def test_an_export_gives_what_the_network_gives(monkeypatch, exported, format):
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
    assert set(told['inputs']) == {'seg2d', 'tsdf', 'mapping'}
    assert_equal_logits(logits, expected)


@pytest.mark.slow
@pytest.mark.parametrize('format', FORMATS)
@pytest.mark.parametrize('name', ['seg2d-d32', 'pred2d-d32'])
def test_an_export_in_full_size(make_net, frame_of, repo_root, tmp_path, name, format):
    need_packages(format)
    net = make_net(str(repo_root / f'configs/cvsformer_{name}.py'))
    path = tmp_path / f'net.{FORMATS[format]}'
    export_network(net, format, path)
    frame, expected = frame_of(net)
    assert expected.shape == (1, 13, 60, 36, 60)
    assert_equal_logits(RUN[format](path, frame)[1], expected)
