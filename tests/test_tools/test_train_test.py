"""The command line: its one-line errors, resume, and scores."""
import json
import os
import subprocess
import sys

import pytest
from mmengine.config import Config

from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset


def run(script, *args, cwd):
    """Run a script with this Python; returns the finished process."""
    return subprocess.run([sys.executable, str(script), *map(str, args)],
                          cwd=cwd,
                          env=dict(os.environ, OMP_NUM_THREADS='1'),
                          capture_output=True,
                          text=True)


@pytest.fixture(scope='module')
def tools(repo_root):
    return repo_root / 'tools'


@pytest.fixture(scope='module')
def workspace(tmp_path_factory):
    """A folder with a tiny data set, a config, and nothing else."""
    root = tmp_path_factory.mktemp('workspace')
    write_tiny_dataset(root / 'Tiny')
    cfg = tiny_runner_cfg(root / 'Tiny', root / 'run', tiny_ssc_net())
    for key in ('work_dir', 'experiment_name'):
        cfg.pop(key)
    cfg['visualizer'] = dict(type='SSCLocalVisualizer')
    Config(cfg).dump(str(root / 'tiny.py'))
    return root


@pytest.fixture(scope='module')
def trained(tools, workspace):
    """The workspace after a training through the command line."""
    result = run(tools / 'train.py', 'tiny.py', cwd=workspace)
    assert result.returncode == 0, result.stderr
    return workspace


def test_training_goes_to_the_work_dir_named_after_the_config(trained):
    names = {path.name for path in (trained / 'work_dirs/tiny').iterdir()}
    assert {'epoch_1.pth', 'epoch_2.pth', 'tiny.py'} <= names
    assert any(name.startswith('best_ssc_mIoU_epoch_') for name in names)


def test_a_finished_run_resumes_to_nothing_left_to_do(tools, trained):
    before = (trained / 'work_dirs/tiny/epoch_2.pth').read_bytes()
    result = run(tools / 'train.py', 'tiny.py', '--resume', cwd=trained)
    assert result.returncode == 0, result.stderr
    assert (trained / 'work_dirs/tiny/epoch_2.pth').read_bytes() == before
    assert not (trained / 'work_dirs/tiny/epoch_3.pth').exists()


def test_resume_without_anything_there_starts_anew(tools, workspace):
    result = run(
        tools / 'train.py',
        'tiny.py',
        '--resume',
        '--work-dir',
        'fresh',
        '--cfg-options',
        'train_cfg.max_epochs=1',
        cwd=workspace)
    assert result.returncode == 0, result.stderr
    assert "nothing to resume in 'fresh'" in result.stdout
    assert (workspace / 'fresh/epoch_1.pth').exists()


def test_testing_writes_scores_and_pictures(tools, trained):
    """The work dir stands for its best checkpoint."""
    result = run(
        tools / 'test.py',
        'tiny.py',
        'work_dirs/tiny',
        '--out',
        'scores.json',
        '--show-dir',
        'shown',
        cwd=trained)
    assert result.returncode == 0, result.stderr
    scores = json.loads((trained / 'scores.json').read_text())
    assert len(scores) == 3 + 11 + 1
    assert f"{scores['ssc/mIoU']:.1f}" in result.stdout
    for column in ('prec.', 'recall', 'SC IoU', 'furniture', 'SSC mIoU'):
        assert column in result.stdout
    shown = {path.name for path in (trained / 'shown').iterdir()}
    assert shown == {
        f'TNY000{i}{ending}'
        for i in (5, 6, 7) for ending in ('.png', '_pred.ply', '_gt.ply')
    }


def test_predictions_can_be_dumped(tools, trained):
    result = run(
        tools / 'test.py',
        'tiny.py',
        'work_dirs/tiny',
        '--out',
        'all.pkl',
        cwd=trained)
    assert result.returncode == 0, result.stderr
    assert (trained / 'all.pkl').stat().st_size > 3 * 1536


@pytest.mark.parametrize('script, args, message', [
    ('train.py', ['none.py'], "config 'none.py' not found"),
    ('train.py', [
        'tiny.py', '--cfg-options', 'optm_wrapper.optimizer.lr=1'
    ], "unknown config key 'optm_wrapper.optimizer.lr': there is no "
     "'optm_wrapper', did you mean 'optim_wrapper'?"),
    ('train.py', [
        'tiny.py', '--cfg-options', 'model.backbon.embed_dims=8'
    ], "did you mean 'backbone'?"),
    ('train.py', ['tiny.py', '--cfg-options', 'model.chanels=8'
                  ], "unexpected keyword argument 'chanels'"),
    ('train.py', ['tiny.py', '--cfg-options', 'model.neck_2d.type=Neck'
                  ], 'Neck is not in the'),
    ('train.py', ['tiny.py', '--cfg-options', 'lr'], 'needs KEY=VALUE'),
    ('train.py', [
        'tiny.py', '--cfg-options', 'train_dataloader.dataset.data_root=none'
    ], "data folder 'none' not found: prepare it"),
    ('train.py', ['tiny.py', '--resume', 'none.pth'
                  ], "checkpoint 'none.pth' not found"),
    ('test.py', ['tiny.py', 'none.pth'], "checkpoint 'none.pth' not found"),
    ('test.py', ['tiny.py', 'tiny.py'], "checkpoint 'tiny.py' is"),
],
                         ids=[
                             'config', 'top', 'nested', 'argument', 'type',
                             'option', 'data', 'resume', 'checkpoint',
                             'no-torch-file'
                         ])
def test_bad_input_gets_one_line(tools, workspace, script, args, message):
    result = run(
        tools / script, *args, '--work-dir', 'bad', cwd=workspace)
    assert result.returncode == 1
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith('error: ') and message in last, result.stderr
    assert 'Traceback' not in result.stderr


def test_a_missing_frame_file_gets_one_line(tools, workspace):
    label = workspace / 'Tiny/Label/0002.npz'
    content = label.read_bytes()
    label.unlink()
    try:
        for workers in (0, 1):
            result = run(
                tools / 'train.py',
                'tiny.py',
                '--work-dir',
                'bad',
                '--cfg-options',
                f'train_dataloader.num_workers={workers}',
                cwd=workspace)
            assert result.returncode == 1
            assert result.stderr.strip().splitlines()[-1].startswith(
                f"error: '{label}' not found; prepare the data again")
            assert 'Traceback' not in result.stderr
    finally:
        label.write_bytes(content)


@pytest.mark.parametrize('script', ['train.py', 'test.py'])
def test_help_imports_nothing_heavy(tools, script):
    code = ("import runpy, sys\nsys.argv = ['tool', '--help']\n"
            f"sys.path.insert(0, {str(tools)!r})\n"
            'try:\n'
            f"    runpy.run_path({str(tools / script)!r}, "
            "run_name='__main__')\n"
            'except SystemExit as stop:\n'
            '    assert stop.code == 0\n'
            "assert not {'torch', 'mmengine', 'numpy'} & set(sys.modules)")
    result = subprocess.run([sys.executable, '-c', code],
                            capture_output=True,
                            text=True)
    assert result.returncode == 0, result.stderr


def launch_two(script, *args, cwd):
    """Run a tool in two processes that talk through gloo."""
    return run(
        '-m',
        'torch.distributed.run',
        '--standalone',
        '--nproc_per_node=2',
        script,
        *args,
        '--launcher',
        'pytorch',
        cwd=cwd)


def test_two_processes_give_the_scores_of_one(tools, trained):
    """Three frames: the sampler pads one, which must not count."""
    args = [tools / 'test.py', 'tiny.py', 'work_dirs/tiny', '--out']
    assert run(*args, 'one.json', cwd=trained).returncode == 0
    result = launch_two(*args, 'two.json', cwd=trained)
    assert result.returncode == 0, result.stderr
    one, two = (json.loads((trained / f'{name}.json').read_text())
                for name in ('one', 'two'))
    assert one == two and one['ssc/mIoU'] > 0


def test_two_processes_train_and_resume(tools, workspace):
    for epochs in (1, 2):
        result = launch_two(
            tools / 'train.py',
            'tiny.py',
            '--resume',
            '--work-dir',
            'two',
            '--cfg-options',
            'train_dataloader.batch_size=1',
            f'train_cfg.max_epochs={epochs}',
            cwd=workspace)
        assert result.returncode == 0, result.stderr
        assert (workspace / f'two/epoch_{epochs}.pth').exists()
