"""Published checkpoints: what is kept, what is left out, and their names."""

import hashlib
import json
import re

import pytest
import torch
from in_process import call_tool
from mmengine.config import Config
from mmengine.hooks import EMAHook
from mmengine.runner import Runner

from cleaners.apis.inference import build_network
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.checkpoint import load_strictly, read_checkpoint

TOOL = 'model_converters/publish_model.py'
CFG = """data_root = '/home/me/my data/NYU/'
load_from = "/home/it's me/net.pth"
model = dict(teacher_ckpt='work_dirs/teacher', type='A/B')
url = 'https://host/net.pth'
separator = '/'
"""
PUBLISHED_CFG = """data_root = 'NYU'
load_from = "net.pth"
model = dict(teacher_ckpt='work_dirs/teacher', type='A/B')
url = 'https://host/net.pth'
separator = '/'
"""


@pytest.fixture
def publish(monkeypatch, capsys):
    """Publish a file; returns the path that is printed first."""

    def run(*args):
        call_tool(monkeypatch, TOOL, *args)
        return re.match('(.*?): ', capsys.readouterr().out)[1]

    return run


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """A finished run with averaged weights: its runner and its folder."""
    root = tmp_path_factory.mktemp('publish')
    write_tiny_dataset(root / 'Tiny')
    cfg = Config(
        tiny_runner_cfg(
            root / 'Tiny',
            root / 'run',
            tiny_ssc_net(),
            custom_hooks=[dict(type='EMAHook', momentum=0.5)],
        )
    )
    cfg.dump(str(root / 'tiny.py'))
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner, root


@pytest.fixture
def checkpoint(tmp_path):
    """A checkpoint written by hand; the second tensor is a part of another."""
    large = torch.arange(100000.0)
    content = dict(
        meta=dict(
            epoch=7,
            iter=14,
            time='20240102_030405',
            cfg=CFG,
            dataset_meta=dict(classes=('empty', 'wall'), root='/data/NYU'),
            teacher=dict(path='/home/me/teacher.pth', sha256='ab' * 32),
        ),
        state_dict={'module.weight': torch.ones(2, 3), 'module.part': large[:2]},
        optimizer=dict(state={0: dict(exp_avg=torch.ones(2, 3))}),
        param_schedulers=[dict(last_step=7)],
        message_hub=dict(),
    )
    torch.save(content, tmp_path / 'epoch_7.pth')
    return tmp_path / 'epoch_7.pth'


def test_only_weights_and_a_small_meta_are_kept(publish, checkpoint, tmp_path):
    path = publish(checkpoint, tmp_path / 'out.pth')
    published = torch.load(path, weights_only=True)
    assert published.keys() == {'meta', 'state_dict'}
    assert published['meta'] == dict(
        epoch=7,
        iter=14,
        cfg=PUBLISHED_CFG,
        dataset_meta=dict(classes=('empty', 'wall'), root='NYU'),
        teacher=dict(path='teacher.pth', sha256='ab' * 32),
    )
    weights = published['state_dict']
    assert weights.keys() == {'weight', 'part'}
    assert torch.equal(weights['weight'], torch.ones(2, 3))
    assert weights['part'].tolist() == [0, 1]
    # not the whole tensor that it was a part of
    assert weights['part'].untyped_storage().nbytes() == 2 * 4


@pytest.mark.parametrize('name', ['cleaners_depth', 'cleaners_b2', 'v1.0.pth', 'p'])
def test_the_name_ends_in_the_files_digest(publish, checkpoint, tmp_path, name):
    path = publish(checkpoint, tmp_path / 'new' / f'{name}.pth')
    (found,) = (tmp_path / 'new').iterdir()
    digest = hashlib.sha256(found.read_bytes()).hexdigest()
    assert found.name == f'{name}-{digest[:8]}.pth'
    assert path == str(found)


def test_the_same_input_gives_the_same_file(publish, run_tool, checkpoint, tmp_path):
    first = publish(checkpoint, tmp_path / 'one/net.pth')
    done = run_tool(TOOL, checkpoint, tmp_path / 'two/other.pth')
    assert done.returncode == 0, done.stderr
    (second,) = (tmp_path / 'two').iterdir()
    assert second.read_bytes() == (tmp_path / first).read_bytes()
    assert second.name[5:] == first[-len('-xxxxxxxx.pth') :]


def test_the_averaged_weights_are_published(publish, trained, tmp_path):
    runner, root = trained
    (hook,) = (hook for hook in runner.hooks if isinstance(hook, EMAHook))
    averaged = hook.ema_model.module.state_dict()
    last = runner.model.state_dict()
    path = publish(root / 'run/epoch_2.pth', tmp_path / 'ema.pth')
    published = read_checkpoint(path)['state_dict']
    assert published.keys() == averaged.keys()
    assert all(torch.equal(published[k], averaged[k]) for k in averaged)
    assert not all(torch.equal(published[k], last[k]) for k in last)


def test_a_run_is_published_by_its_best_checkpoint(
    publish, trained, tmp_path, monkeypatch
):
    runner, root = trained
    (best,) = (root / 'run').glob('best_*.pth')
    path = publish(root / 'run', tmp_path / 'net.pth')
    network = build_network(tiny_ssc_net())
    load_strictly(network, path)
    meta = read_checkpoint(path)['meta']
    assert best.name.endswith(f'_epoch_{meta["epoch"]}.pth')
    assert meta['seed'] == 0
    assert meta['dataset_meta'] == runner.train_dataloader.dataset.metainfo
    assert "data_root='Tiny'" in meta['cfg']
    assert str(root) not in str(meta)
    scores = []
    for number, weights in enumerate([best, path]):
        out = tmp_path / f'{number}.json'
        call_tool(
            monkeypatch,
            'test.py',
            root / 'tiny.py',
            weights,
            '--work-dir',
            tmp_path / f'test_{number}',
            '--out',
            out,
            '--cfg-options',
            f'experiment_name={tmp_path.name}_{number}',
        )
        scores.append(json.loads(out.read_text()))
    assert scores[0] == scores[1] and scores[0]['ssc/mIoU'] > 0


@pytest.mark.parametrize(
    'content, message',
    [
        ([1, 2], 'it holds no state_dict'),
        ({}, 'it holds no state_dict'),
        (dict(state_dict=[1]), 'it holds no state_dict'),
        (
            dict(model=dict(weight=torch.ones(1))),
            "'model' is no tensor; a checkpoint of the authors' code is converted",
        ),
        (
            dict(state_dict=dict(weight=torch.tensor([1.0, torch.nan]))),
            "'weight' has NaN or infinite values, so that no network can use it",
        ),
    ],
)
def test_what_has_no_weights_is_refused(publish, tmp_path, content, message):
    torch.save(content, tmp_path / 'in.pth')
    with pytest.raises(SystemExit) as stop:
        publish(tmp_path / 'in.pth', tmp_path / 'out.pth')
    assert stop.value.code.startswith(
        f"error: checkpoint '{tmp_path / 'in.pth'}': {message}"
    )
    assert [path.name for path in tmp_path.iterdir()] == ['in.pth']


def test_what_cannot_be_read_is_refused(publish, tmp_path, capsys):
    # both are taken for a pickle, which ends in a KeyError and an IndexError
    (tmp_path / 'in.pth').write_bytes(b'half a file')
    (tmp_path / 'full_stop.pth').write_bytes(b'.')
    for name, message in [
        ('in.pth', 'is damaged or not a torch file'),
        ('full_stop.pth', 'is damaged or not a torch file'),
        ('none', 'not found'),
        ('.', 'not found'),
    ]:
        with pytest.raises(SystemExit, match=f'^error: .*{message}'):
            publish(tmp_path / name, tmp_path / 'out.pth')
    with pytest.raises(SystemExit) as stop:
        publish(tmp_path / 'in.pth', tmp_path / 'out')
    assert stop.value.code == 2
    assert 'argument OUT.pth: should end in .pth' in capsys.readouterr().err
