"""dist_*.sh and slurm_*.sh: what they start, and that it runs."""

import json
import os
import subprocess
import sys

import pytest
from forked_processes import run_tool

SHELL_TOOLS = [
    'launch.sh',
    'run.sh',
    'dist_train.sh',
    'dist_test.sh',
    'slurm_train.sh',
    'slurm_test.sh',
]
# what the scripts read from the environment
SETTINGS = (
    'OMP_NUM_THREADS',
    'MKL_NUM_THREADS',
    'NNODES',
    'NODE_RANK',
    'MASTER_ADDR',
    'PORT',
    'GPUS',
    'GPUS_PER_NODE',
    'CPUS_PER_TASK',
    'SRUN_ARGS',
)
# prints the threads that it may use, then its arguments
STAND_IN = '#!/bin/sh\necho "$OMP_NUM_THREADS $MKL_NUM_THREADS" "$@"\n'
# drops its own options, then runs the command
RUNNING_SRUN = (
    '#!/bin/sh\nshift 2\nwhile [ "${1#-}" != "$1" ]; do shift; done\nexec "$@"\n'
)


@pytest.fixture
def run_script(repo_root, tmp_path):
    """Run a script of tools/, with the stand-ins in its path."""

    def run(script, *args, cwd=repo_root, **settings):
        env = {k: v for k, v in os.environ.items() if k not in SETTINGS}
        env.update(settings, PATH=f'{tmp_path}:{env["PATH"]}', CUDA_VISIBLE_DEVICES='')
        return subprocess.run(
            ['bash', f'{repo_root}/tools/{script}', *args],
            cwd=cwd,
            env=env,
            capture_output=True,
            text=True,
        )

    return run


@pytest.fixture
def stand_in(tmp_path):
    """Put a program in the path; returns its file."""

    def make(name, text=STAND_IN):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o755)
        return str(path)

    return make


@pytest.mark.parametrize('script', SHELL_TOOLS)
def test_the_syntax_is_right(repo_root, script):
    subprocess.run(['bash', '-n', f'{repo_root}/tools/{script}'], check=True)


@pytest.mark.parametrize(
    'script, args, message',
    [
        ('run.sh', [], ''),
        ('run.sh', ['c.py', 'x'], "GPUS should be a number from 1 on, but got 'x'"),
        ('dist_train.sh', ['c.py'], ''),
        ('dist_train.sh', ['c.py', '0'], "but got '0'"),
        ('dist_test.sh', ['c.py', '2'], ''),
        ('dist_test.sh', ['c.py', '2', 'c.pth'], "but got 'c.pth'"),
        ('slurm_train.sh', ['part', 'job', 'c.py'], ''),
        ('slurm_test.sh', ['part', 'job', 'c.py'], ''),
    ],
)
def test_wrong_arguments_get_the_usage(run_script, script, args, message):
    result = run_script(script, *args)
    assert result.returncode == 2 and result.stdout == ''
    assert f'\n  bash tools/{script} ' in result.stderr
    assert message in result.stderr and '#' not in result.stderr


@pytest.mark.parametrize(
    'settings, threads, meeting',
    [
        ({}, '1 1', '--standalone'),
        (
            dict(PORT='4000', OMP_NUM_THREADS='3'),
            '3 1',
            '--nnodes=1 --node_rank=0 --master_addr=127.0.0.1 --master_port=4000',
        ),
        (
            dict(NNODES='2', NODE_RANK='1', MASTER_ADDR='head'),
            '1 1',
            '--nnodes=2 --node_rank=1 --master_addr=head --master_port=29500',
        ),
    ],
)
def test_torchrun_is_called_with(
    repo_root, run_script, stand_in, settings, threads, meeting
):
    settings = dict(settings, PYTHON=stand_in('my_python'))
    start = f'{threads} -m torch.distributed.run {meeting} --nproc_per_node=2'
    tools = f'{repo_root}/tools'
    result = run_script(
        'dist_train.sh', 'c.py', '2', '--cfg-options', 'a=b c', **settings
    )
    assert result.stdout == (
        f'{start} {tools}/train.py c.py --cfg-options a=b c --launcher pytorch\n'
    )
    result = run_script('dist_test.sh', 'c.py', 'c.pth', '2', **settings)
    assert result.stdout == (f'{start} {tools}/test.py c.py c.pth --launcher pytorch\n')


@pytest.mark.parametrize(
    'settings, options',
    [
        ({}, '--gres=gpu:2 --ntasks=2 --ntasks-per-node=2 --cpus-per-task=5'),
        (
            dict(GPUS='16', CPUS_PER_TASK='3'),
            '--gres=gpu:8 --ntasks=16 --ntasks-per-node=8 --cpus-per-task=3',
        ),
        (
            dict(GPUS='4', GPUS_PER_NODE='1', SRUN_ARGS='--qos=high --time=5'),
            '--gres=gpu:1 --ntasks=4 --ntasks-per-node=1 --cpus-per-task=5',
        ),
    ],
)
def test_srun_is_called_with(repo_root, run_script, stand_in, settings, options):
    stand_in('srun')
    more = settings.get('SRUN_ARGS', '')
    start = (
        f'1 1 -p part --job-name=job {options} --kill-on-bad-exit=1 '
        f'{more} python -u {repo_root}/tools'
    ).split()
    result = run_script(
        'slurm_train.sh', 'part', 'job', 'c.py', 'runs/c', '--resume', **settings
    )
    assert result.stdout.split() == [
        *start[:-1],
        f'{start[-1]}/train.py',
        'c.py',
        '--work-dir',
        'runs/c',
        '--resume',
        '--launcher',
        'slurm',
    ]
    result = run_script('slurm_test.sh', 'part', 'job', 'c.py', 'c.pth', **settings)
    assert result.stdout.split() == [
        *start[:-1],
        f'{start[-1]}/test.py',
        'c.py',
        'c.pth',
        '--launcher',
        'slurm',
    ]


@pytest.mark.long
def test_slurm_runs_the_tool(run_script, stand_in, workspace):
    """Up to where it would need a GPU."""
    stand_in('srun', RUNNING_SRUN)
    result = run_script(
        'slurm_train.sh',
        'part',
        'job',
        'run.py',
        'runs/slurm',
        cwd=workspace,
        PYTHON=sys.executable,
        SLURM_NTASKS='2',
    )
    assert result.returncode == 1
    assert result.stderr.strip().splitlines()[-1] == (
        'error: --launcher slurm needs GPUs; on the CPU use torchrun with '
        '--launcher pytorch'
    )


@pytest.mark.long
def test_two_processes_train_and_test(run_script, workspace):
    """Three frames to test: the sampler pads one, which must not count."""
    settings = dict(cwd=workspace, PYTHON=sys.executable)
    result = run_script(
        'dist_train.sh',
        'run.py',
        '2',
        '--work-dir',
        'two',
        '--cfg-options',
        'train_cfg.max_epochs=1',
        'train_dataloader.batch_size=1',
        **settings,
    )
    assert result.returncode == 0, result.stderr
    assert (
        'effective batch size 4: 1 frames x 2 processes x 2 accumulated'
        in result.stdout
    )
    result = run_script(
        'dist_test.sh', 'run.py', 'two', '2', '--out', 'two.json', **settings
    )
    assert result.returncode == 0, result.stderr
    assert run_tool(workspace, 'test.py', ['run.py', 'two', '--out', 'one.json']) == 0
    one, two = (
        json.loads((workspace / f'{name}.json').read_text()) for name in ('one', 'two')
    )
    assert one == two and one['ssc/mIoU'] > 0
