"""The benchmark's command line, and what it writes; no time is judged."""

import json

import pytest
import torch
from in_process import call_tool
from mmengine.config import Config

from cleaners.testing import tiny_distiller, tiny_runner_cfg, tiny_ssc_net


@pytest.fixture
def run(monkeypatch):
    """Run the tool in this process (importing torch takes seconds)."""

    def run_tool(*args):
        call_tool(monkeypatch, 'analysis_tools/benchmark.py', *args)

    return run_tool


@pytest.fixture(scope='module')
def workspace(tmp_path_factory):
    """Configs of a network and of a distillation; no data."""
    root = tmp_path_factory.mktemp('benchmark')
    models = dict(plain=tiny_ssc_net(), distill=tiny_distiller('none.pth'))
    for name, model in models.items():
        cfg = tiny_runner_cfg(root / 'Tiny', root / 'run', model)
        Config(cfg).dump(str(root / f'{name}.py'))
    return root


def test_inference_writes_its_numbers(run, workspace, capsys):
    path = workspace / 'out/numbers.json'
    run(
        workspace / 'distill.py',
        '--task',
        'inference',
        '--repeats',
        3,
        '--matmul-size',
        64,
        '--batch-size',
        2,
        '--json',
        path,
    )
    numbers = json.loads(path.read_text())
    assert set(numbers) == {
        'task',
        'config',
        'device',
        'device_name',
        'threads',
        'torch',
        'batch_size',
        'repeats',
        'warmup',
        'seed',
        'matmul_size',
        'seconds',
        'stages',
        'gflop',
        'gflop_per_second',
        'matmul_before',
        'matmul_after',
        'matmul_gflop_per_second',
        'fraction',
        'peak_mb',
    }
    assert numbers['task'] == 'inference' and numbers['batch_size'] == 2
    low, middle, high = (numbers['seconds'][key] for key in ('min', 'median', 'max'))
    assert 0 < low <= middle <= high
    stages = numbers['stages'].values()
    assert min(stage['seconds'] for stage in stages) > 0
    assert sum(stage['gflop'] for stage in stages) == pytest.approx(numbers['gflop'])
    rate = numbers['gflop'] / middle
    assert numbers['gflop_per_second'] == pytest.approx(rate)
    machine = (numbers['matmul_before'] + numbers['matmul_after']) / 2
    assert numbers['fraction'] == pytest.approx(rate / machine)
    assert numbers['peak_mb'] > 50
    shown = capsys.readouterr().out
    for word in (*numbers['stages'], 'total', 'GFLOP/s', 'peak memory'):
        assert word in shown


@pytest.mark.parametrize(
    'args, message',
    [
        (['none.py', '--task', 'train'], "config 'none.py' not found"),
        (
            ['plain.py', '--task', 'metric', '--cfg-options', 'modl.x=1'],
            "there is no 'modl', did you mean 'model'?",
        ),
        (
            ['plain.py', '--task', 'train', '--cfg-options', 'optim_wrapper=None'],
            "has no 'optim_wrapper', which this task measures",
        ),
        (
            ['plain.py', '--task', 'loader', '--data-root', 'run.py'],
            "--data-root: folder 'run.py' not found",
        ),
    ],
)
def test_bad_input_gets_one_line(run, workspace, monkeypatch, args, message):
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit, match='^error: ') as stop:
        run(*args)
    assert message in stop.value.code and '\n' not in stop.value.code


@pytest.mark.skipif(torch.cuda.is_available(), reason='there is a GPU')
def test_a_missing_gpu_is_said(run, workspace):
    with pytest.raises(SystemExit, match="no device 'cuda' here .*; 'cpu' is"):
        run(workspace / 'plain.py', '--task', 'train', '--device', 'cuda')


@pytest.mark.parametrize(
    'args, message',
    [
        (['--task', 'train'], '--task train needs a CONFIG'),
        (['--task', 'prepare'], '--task prepare needs --root-path'),
        (['x.py', '--task', 'train', '--repeats', '0'], 'should be at least 1'),
        (['x.py', '--task', 'train', '--seed', '-1'], 'should be at least 0'),
    ],
)
def test_wrong_arguments(run, capsys, args, message):
    with pytest.raises(SystemExit):
        run(*args)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    'options, message',
    [
        (['inference', '--num-workers', 8], '--num-workers is for --task loader, not'),
        (['metric', '--matmul-size', 64], 'is for --task inference or train, not'),
        (['train', '--workers', 4], '--workers is for --task prepare, not train'),
        (['prepare', '--root-path', '.'], 'CONFIG is for --task inference or train'),
    ],
)
def test_an_option_that_does_nothing_is_refused(run, capsys, options, message):
    with pytest.raises(SystemExit):
        run('config.py', '--task', *options)
    assert message in capsys.readouterr().err
