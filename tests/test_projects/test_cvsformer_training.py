"""Training, resuming and exporting a network of CVSformer."""

import pytest
import torch
from export_cases import FORMATS, RUN, assert_equal_logits, need_packages
from in_process import call_tool
from mmengine.config import Config
from resume_cases import check_tiny_resume, see_no_photo
from tiny_cvsformer import tiny_cvs_net

from cleaners.testing import write_tiny_dataset

IMPORTS = dict(imports=['cvsformer.register_modules'])


@pytest.mark.long
def test_a_resumed_run_is_the_run_that_was_not_stopped(tmp_path, no_config_text):
    """Bit for bit; what follows from the grid is not in a checkpoint."""
    write_tiny_dataset(tmp_path / 'Tiny', 3, 1)

    def see_labels(cfg):
        see_no_photo(cfg, ['tsdf', 'mapping2d', 'seg2d'])
        for split in ('train', 'val', 'test'):
            # collects garbage, which takes a while
            cfg[f'{split}_dataloader'].dataset.serialize_data = False

    whole = check_tiny_resume(tmp_path, tiny_cvs_net(), see_labels)
    assert not any('.taps' in key for key in whole['state_dict'])


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
