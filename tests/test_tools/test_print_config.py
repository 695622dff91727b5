"""The printed config is the one that is used."""

import pytest
from in_process import call_tool
from mmengine.config import Config

TOOL = 'misc/print_config.py'
BASE = """optim_wrapper = dict(optimizer=dict(type='AdamW', lr=1e-3))
param_scheduler = [dict(end=2)]
train_cfg = dict(max_epochs=100)
"""
CONFIG = """_base_ = './base.py'
size = (60, 36)
name = 'inf'
train_cfg = dict(max_epochs=5, grid=size)
"""
RESOLVED = dict(
    optim_wrapper=dict(optimizer=dict(type='AdamW', lr=1e-3)),
    param_scheduler=[dict(end=2)],
    size=(60, 36),
    name='inf',
    train_cfg=dict(max_epochs=5, grid=(60, 36)),
    launcher='none',
    work_dir='work_dirs/child',
)


@pytest.fixture
def show(monkeypatch, capsys, tmp_path):
    """Print a config, from the folder of the test."""
    (tmp_path / 'base.py').write_text(BASE)
    (tmp_path / 'child.py').write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    def run(*args):
        call_tool(monkeypatch, TOOL, *args)
        return capsys.readouterr().out

    return run


def parse(text):
    """Return what the text of a config says."""
    return Config.fromstring(text, '.py').to_dict()


def test_bases_are_joined(show):
    assert parse(show('child.py')) == RESOLVED


def test_options_are_applied_and_the_file_says_the_same(show, tmp_path):
    text = show(
        'child.py',
        '--cfg-options',
        'train_cfg.max_epochs=7',
        'optim_wrapper.optimizer.betas=(0.8,0.9)',
        '--out',
        'new/all.py',
    )
    optimizer = dict(type='AdamW', lr=1e-3, betas=(0.8, 0.9))
    wanted = dict(
        RESOLVED,
        optim_wrapper=dict(optimizer=optimizer),
        train_cfg=dict(max_epochs=7, grid=(60, 36)),
    )
    assert parse(text) == wanted
    assert (tmp_path / 'new/all.py').read_text() == text
    # it needs no base any more
    (tmp_path / 'base.py').unlink()
    assert Config.fromfile('new/all.py').to_dict() == wanted


def test_infinite_numbers_can_be_read_again(show):
    text = show(
        'child.py', '--cfg-options', 'train_cfg.inf=inf', 'train_cfg.most=[1,inf,-inf]'
    )
    infinite = float('inf')
    assert parse(text) == dict(
        RESOLVED,
        train_cfg=dict(
            max_epochs=5, grid=(60, 36), inf=infinite, most=[1, infinite, -infinite]
        ),
    )


def test_a_config_of_the_project_survives(show, repo_root):
    path = repo_root / 'configs/cleaners_b2.py'
    wanted = Config.fromfile(path).to_dict()
    assert parse(show(path)) == dict(
        wanted, launcher='none', work_dir='work_dirs/cleaners_b2'
    )


@pytest.mark.parametrize(
    'args, message',
    [
        (['none.py'], "config 'none.py' not found"),
        (
            ['child.py', '--cfg-options', 'train_cf.max_epochs=1'],
            "there is no 'train_cf', did you mean 'train_cfg'?",
        ),
        (['child.py', '--cfg-options', 'lr'], 'needs KEY=VALUE'),
        (
            ['child.py', '--cfg-options', 'train_cfg.max_epochs.x=1'],
            "what 'x' should be in is 5; set that as a whole",
        ),
        (['child.py', '--cfg-options', 'param_scheduler.1.end=1'], "there is no '1'"),
        (
            ['child.py', '--cfg-options', 'param_scheduler.0=1'],
            "what '0' should be in is [{'end': 2}]; set that as a whole",
        ),
    ],
)
def test_bad_input_gets_one_line(show, args, message):
    with pytest.raises(SystemExit, match='^error: ') as stop:
        show(*args, '--out', 'out.py')
    assert message in stop.value.code and '\n' not in stop.value.code


def test_the_file_is_a_config(show, capsys):
    with pytest.raises(SystemExit) as stop:
        show('child.py', '--out', 'out.json')
    assert stop.value.code == 2
    assert 'argument --out: should end in .py' in capsys.readouterr().err
