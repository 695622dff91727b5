"""AMMNet's network as a file that runs without this project."""

import pytest
import torch
from export_cases import FORMATS, RUN, assert_equal_logits, need_packages
from in_process import call_tool
from mmengine.config import Config
from tiny_ammnet import SIZES, tiny_generator, tiny_trainer

# a network that tells what is void, too
HEAD = dict(loss_void=dict(type='VoidLoss'))


@pytest.mark.parametrize('format', FORMATS)
@pytest.mark.long
def test_the_tool_takes_config_and_weights_of_a_training(
    make_net, frame_of, tmp_path, repo_root, monkeypatch, format
):
    """The logits are those of torch; no discriminator is in the file."""
    need_packages(format)
    cfg = Config(
        dict(
            model=tiny_trainer(tiny_generator(head=HEAD)),
            custom_imports=dict(imports=['ammnet.register_modules']),
        )
    )
    net = make_net(cfg)
    config, weights = tmp_path / 'tiny.py', tmp_path / 'net.pth'
    path = tmp_path / f'net.{FORMATS[format]}'
    cfg.dump(config)
    torch.save(net.state_dict(), weights)
    arguments = config, weights, '--format', format, '--out', path
    call_tool(monkeypatch, 'deployment/export_model.py', *arguments)

    inputs, expected = frame_of(net)
    told, logits = RUN[format](path, inputs)
    assert_equal_logits(logits, expected)
    assert told['outputs']['logits']['shape'] == [1, 13, *SIZES.grid_size]
    assert told['void_logit'] and set(told['inputs']) == set(inputs)
