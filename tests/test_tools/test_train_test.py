"""The command line: its one-line errors, resume, and scores."""

import json
import re
import runpy
import sys
import uuid

import mmengine
import pytest
from forked_processes import Finished, run_tool
from mmengine.config import Config

from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.checkpoint import read_checkpoint


@pytest.fixture
def run(monkeypatch, capfd):
    """Run a tool in this process (importing torch takes seconds)."""

    def run_in(cwd, script, *args):
        monkeypatch.chdir(cwd)
        # two runs may start within one second, and would share their logs
        args = [*map(str, args)]
        at = args.index('--cfg-options') + 1 if '--cfg-options' in args else 0
        name = f'experiment_name=run_{uuid.uuid4().hex}'
        args = [*args[:at], name, *args[at:]] if at else [*args, '--cfg-options', name]
        monkeypatch.setattr(sys, 'argv', [str(script), *args])
        status = 0
        try:
            runpy.run_path(str(script), run_name='__main__')
        except SystemExit as stop:
            status = stop.code
        out, err = capfd.readouterr()
        if isinstance(status, str):  # what the interpreter would print
            status, err = 1, f'{err}{status}\n'
        return Finished(status, out, err)

    return run_in


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
    cfg['log_level'] = 'INFO'
    cfg['visualizer'] = dict(type='SSCLocalVisualizer')
    Config(cfg).dump(str(root / 'tiny.py'))
    return root


@pytest.fixture(scope='module')
def trained(workspace):
    """The workspace after a training, in a process of its own."""
    assert run_tool(workspace, 'train.py', ['tiny.py']) == 0
    return workspace


def test_training_goes_to_the_work_dir_named_after_the_config(trained):
    names = {path.name for path in (trained / 'work_dirs/tiny').iterdir()}
    assert {'epoch_1.pth', 'epoch_2.pth', 'tiny.py'} <= names
    assert any(name.startswith('best_ssc_mIoU_epoch_') for name in names)


def test_a_finished_run_resumes_to_nothing_left_to_do(run, tools, trained):
    before = (trained / 'work_dirs/tiny/epoch_2.pth').read_bytes()
    result = run(trained, tools / 'train.py', 'tiny.py', '--resume')
    assert result.returncode == 0, result.stderr
    assert (trained / 'work_dirs/tiny/epoch_2.pth').read_bytes() == before
    assert not (trained / 'work_dirs/tiny/epoch_3.pth').exists()


def test_resume_without_anything_there_starts_anew(run, tools, workspace):
    result = run(
        workspace,
        tools / 'train.py',
        'tiny.py',
        '--resume',
        '--work-dir',
        'fresh',
        '--cfg-options',
        'train_cfg.max_epochs=1',
    )
    assert result.returncode == 0, result.stderr
    assert "nothing to resume in 'fresh'" in result.stdout
    assert (workspace / 'fresh/epoch_1.pth').exists()


def test_testing_writes_scores_and_pictures(run, tools, trained):
    """The work dir stands for its best checkpoint."""
    result = run(
        trained,
        tools / 'test.py',
        'tiny.py',
        'work_dirs/tiny',
        '--out',
        'scores.json',
        '--show-dir',
        'shown',
    )
    assert result.returncode == 0, result.stderr
    scores = json.loads((trained / 'scores.json').read_text())
    assert len(scores) == 3 + 11 + 1
    assert f'{scores["ssc/mIoU"]:.1f}' in result.stdout
    for column in ('prec.', 'recall', 'SC IoU', 'furniture', 'SSC mIoU'):
        assert column in result.stdout
    shown = {path.name for path in (trained / 'shown').iterdir()}
    assert shown == {
        f'TNY000{i}{ending}'
        for i in (5, 6, 7)
        for ending in ('.png', '_pred.ply', '_gt.ply')
    }


def test_predictions_can_be_dumped(run, tools, trained):
    result = run(
        trained, tools / 'test.py', 'tiny.py', 'work_dirs/tiny', '--out', 'all.pkl'
    )
    assert result.returncode == 0, result.stderr
    frames = mmengine.load(trained / 'all.pkl')
    assert [frame['sample_idx'] for frame in frames] == [
        'TNY0005',
        'TNY0006',
        'TNY0007',
    ]
    for frame in frames:
        assert set(frame) == {'sample_idx', 'pred_voxel_seg'}  # no ground truth
        label = frame['pred_voxel_seg']['label']
        assert label.numel() == 1536 and 0 <= label.min() <= label.max() < 12


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
            ['tiny.py', '--cfg-options', 'env_cfg.allow_tf32=True'],
            'set default_hooks.runtime.allow_tf32 instead',
        ),
        (
            'train.py',
            ['tiny.py', '--data-root', 'none'],
            "--data-root: folder 'none' not found",
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


@pytest.mark.parametrize(
    'folder, args',
    [
        ('2024', ['--cfg-options', 'test_dataloader.dataset.data_root=2024']),
        ('a, b', ['--data-root', 'a, b']),
    ],
)
def test_a_data_folder_may_have_any_name(run, tools, trained, folder, args):
    (trained / folder).symlink_to('Tiny')
    log = trained / 'named' / folder
    result = run(
        trained,
        tools / 'test.py',
        'tiny.py',
        'work_dirs/tiny',
        '--work-dir',
        log,
        *args,
    )
    assert result.returncode == 0, result.stderr
    assert f"data_root='{folder}'" in next(log.glob('*/*.log')).read_text()
    assert 'SSC mIoU' in result.stdout


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


def test_a_truncated_checkpoint_gets_the_one_before_it(run, tools, trained):
    folder = trained / 'cut short'
    folder.mkdir()
    for epoch in (1, 2):
        content = (trained / f'work_dirs/tiny/epoch_{epoch}.pth').read_bytes()
        (folder / f'epoch_{epoch}.pth').write_bytes(content)
    (folder / 'epoch_2.pth').write_bytes(content[: len(content) // 2])
    result = run(
        trained, tools / 'train.py', 'tiny.py', '--work-dir', 'cut short', '--resume'
    )
    assert result.returncode == 1
    assert result.stderr.strip().splitlines()[-1] == (
        "error: checkpoint 'cut short/epoch_2.pth' is damaged or not a torch "
        'file; get it again; the newest one that is whole: --resume '
        "'cut short/epoch_1.pth'"
    )
    # and so it is
    result = run(
        trained,
        tools / 'train.py',
        'tiny.py',
        '--work-dir',
        'cut short',
        '--resume',
        'cut short/epoch_1.pth',
    )
    assert result.returncode == 0, result.stderr
    assert read_checkpoint(str(folder / 'epoch_2.pth'))['meta']['epoch'] == 2
