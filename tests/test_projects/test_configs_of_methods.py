"""Every config of another method is resumed, and its network exported."""

import pytest
import torch
from export_cases import assert_equal_logits
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from resume_cases import check_resume
from tiny_configs import CONFIGS, generator, small_config, write_data_roots

from cleaners.deployment.export import trace
from cleaners.deployment.static_net import StaticSSCNet
from cleaners.utils.checkpoint import find_latest_checkpoint, read_checkpoint

pytestmark = [pytest.mark.long, pytest.mark.usefixtures('no_config_text')]

OTHERS = [
    pytest.param(path, id=path.stem)
    for path in CONFIGS
    if not path.stem.startswith(('cleaners', 'pretrain2d'))
]


@pytest.fixture(scope='module')
def data_roots(tmp_path_factory):
    """Folders of tiny data sets."""
    return write_data_roots(tmp_path_factory.mktemp('data'))


@pytest.mark.parametrize('path', OTHERS)
def test_a_resumed_run_is_the_run_that_was_not_stopped(path, data_roots, tmp_path):
    """Bit for bit, whatever the networks and their optimizers."""
    init_default_scope('mmdet3d')

    def train(work_dir, epochs, resume=False):
        cfg = small_config(path, data_roots, tmp_path / work_dir)
        cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=1)
        cfg.train_cfg.update(max_epochs=epochs, val_interval=epochs + 1)
        cfg.experiment_name = f'{path.stem}_{work_dir}_{epochs}'
        cfg.resume = resume
        Runner.from_cfg(cfg).train()
        return read_checkpoint(find_latest_checkpoint(str(tmp_path / work_dir)))

    check_resume(train)


@pytest.mark.parametrize('path', OTHERS)
def test_its_program_gives_what_the_network_gives(
    path, data_roots, tmp_path, make_net, frame_of
):
    """What is written to a file; each method's files are tested by themselves."""
    init_default_scope('mmdet3d')
    model = generator(small_config(path, data_roots, tmp_path / path.stem))
    net = make_net(Config(dict(model=model.get('student', model))))
    frame, expected = frame_of(net)
    program = trace(StaticSSCNet(net)).module()
    with torch.no_grad():
        logits = program(**{k: torch.from_numpy(v) for k, v in frame.items()})
    assert_equal_logits(logits.numpy(), expected)
