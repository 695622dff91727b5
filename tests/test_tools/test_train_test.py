"""The command line: its one-line errors, resume, and scores."""

import json

import mmengine
import pytest
from forked_processes import run_tool

from cleaners.utils.checkpoint import read_checkpoint


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
