"""What training and testing refuse, each in one line."""

import re

import pytest
import torch


@pytest.mark.parametrize(
    'script, args, message',
    [
        ('train.py', ['none.py'], "config 'none.py' not found"),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'optm_wrapper.optimizer.lr=1'],
            "unknown config key 'optm_wrapper.optimizer.lr': there is no "
            "'optm_wrapper', did you mean 'optim_wrapper'?",
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'model.backbon.embed_dims=8'],
            "did you mean 'backbone'?",
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'model.chanels=8'],
            "unexpected keyword argument 'chanels'",
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'model.head_2d.type=Neck'],
            'Neck is not in the',
        ),
        ('train.py', ['tiny.py', '--cfg-options', 'lr'], 'needs KEY=VALUE'),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'train_dataloader.dataset.data_root=none'],
            "data folder 'none' not found: prepare it",
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'max_epochs=1'],
            'set instead: train_cfg.max_epochs',
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'compile=True'],
            'set default_hooks.compile.enable instead',
        ),
        (
            'train.py',
            ['tiny.py', '--data-root', 'none'],
            "--data-root: folder 'none' not found",
        ),
        pytest.param(
            'train.py',
            ['tiny.py', '--amp'],
            '--amp needs a CUDA device; leave it out on the CPU',
            marks=pytest.mark.skipif(torch.cuda.is_available(), reason='it has one'),
        ),
        ('train.py', ['tiny.py', '--twin', 'none'], "--twin: folder 'none' not found"),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'work_dir=x'],
            "'work_dir' does nothing: use --work-dir",
        ),
        (
            'train.py',
            ['tiny.py', '--cfg-options', 'launcher=slurm'],
            "'launcher' does nothing: use --launcher",
        ),
        (
            'test.py',
            ['tiny.py', 'none.pth', '--cfg-options', 'load_from=x'],
            'use the argument CHECKPOINT',
        ),
        (
            'train.py',
            ['tiny.py', '--resume', 'none.pth'],
            "checkpoint 'none.pth' not found",
        ),
        ('test.py', ['tiny.py', 'none.pth'], "checkpoint 'none.pth' not found"),
        ('test.py', ['tiny.py', 'tiny.py'], "checkpoint 'tiny.py' is"),
    ],
    ids=[
        'config',
        'top',
        'nested',
        'argument',
        'type',
        'option',
        'data',
        'variable',
        'moved',
        'data-root',
        'amp',
        'twin',
        'work-dir',
        'launcher',
        'load-from',
        'resume',
        'checkpoint',
        'no-torch-file',
    ],
)
def test_bad_input_gets_one_line(run, tools, workspace, script, args, message):
    result = run(workspace, tools / script, *args, '--work-dir', 'bad')
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith('error: ') and message in last, result.stderr
    assert 'Traceback' not in result.stderr


def test_a_missing_frame_file_gets_one_line(run, tools, workspace):
    label = workspace / 'Tiny/Label/0002.npz'
    content = label.read_bytes()
    label.unlink()
    try:
        for workers in (0, 1):
            result = run(
                workspace,
                tools / 'train.py',
                'tiny.py',
                '--work-dir',
                'bad',
                '--cfg-options',
                f'train_dataloader.num_workers={workers}',
            )
            assert result.returncode == 1
            assert (
                result.stderr.strip()
                .splitlines()[-1]
                .startswith(f"error: '{label}' not found; prepare the data again")
            )
            assert 'Traceback' not in result.stderr
    finally:
        label.write_bytes(content)


def test_a_loss_that_is_no_number_gets_one_line(run, tools, workspace):
    """The frames of the batch are named; nothing is left to be the best."""
    result = run(
        workspace,
        tools / 'train.py',
        'tiny.py',
        '--work-dir',
        'nan',
        '--cfg-options',
        'optim_wrapper.optimizer.lr=1e30',
    )
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert re.match(
        r'error: training stopped: loss_\w+ is \S+ in epoch 1, iteration 2 '
        r'\(frames TNY000\d, TNY000\d\); ',
        last,
    ), result.stderr
    assert 'Traceback' not in result.stderr
    assert not list((workspace / 'nan').glob('*.pth'))
