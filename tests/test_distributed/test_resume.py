"""A run that is killed and resumed is the run that was not killed."""

import json
import random
import signal

import pytest
from forked_processes import run_tool, run_tool_ranks, start_tool
from resume_cases import assert_equal, assert_same_state

from cleaners.utils.checkpoint import (
    find_best_checkpoint,
    find_latest_checkpoint,
    read_checkpoint,
)

# what happens in a run, and how often in its first two epochs at least
MOMENTS = dict(
    before_train_epoch=2,
    before_train_iter=6,
    after_train_iter=6,
    after_train_epoch=2,
    before_save_checkpoint=2,
    write=2,
    before_val_iter=6,
    after_val_epoch=2,
)


def train(workspace, work_dir, *options, **kwargs):
    """Start or resume tools/train.py; returns its exit code."""
    return run_tool(workspace, 'train.py', command(work_dir, *options), **kwargs)


def command(work_dir, *options):
    args = ['run.py', '--work-dir', work_dir, '--resume']
    return [*args, '--cfg-options', *options] if options else args


@pytest.fixture(scope='module')
def whole(workspace):
    """The work dir of an uninterrupted run."""
    assert train(workspace, 'whole') == 0, log_of(workspace)
    return workspace / 'whole'


def log_of(workspace):
    return (workspace / 'log.txt').read_text()


def losses_of(work_dir):
    """Every loss of every iteration that was logged, in order of time."""
    rows = [
        json.loads(line)
        for path in sorted(work_dir.glob('*/vis_data/scalars.json'))
        for line in path.read_text().splitlines()
    ]
    return [
        (
            row['epoch'],
            row['step'],
            {key: row[key] for key in row if 'loss' in key or key == 'grad_norm'},
        )
        for row in rows
        if 'loss' in row
    ]


def assert_same_run(first, second):
    """Same last checkpoint, optimizer included, and same best one."""
    ours, theirs = (
        read_checkpoint(find_latest_checkpoint(str(folder)))
        for folder in (first, second)
    )
    assert ours['meta']['iter'] == theirs['meta']['iter']
    assert_same_state(ours, theirs)
    bests = [sorted(folder.glob('best_*')) for folder in (first, second)]
    assert [p.name for p in bests[0]] == [p.name for p in bests[1]]
    assert len(bests[0]) == 1
    assert_equal(*(read_checkpoint(str(best))['state_dict'] for (best,) in bests))


def assert_readable(work_dir):
    """Every checkpoint is whole."""
    for path in work_dir.glob('*.pth'):
        assert read_checkpoint(str(path))['state_dict']


@pytest.mark.long
def test_the_same_seed_gives_the_same_losses(workspace, whole):
    assert train(workspace, 'again') == 0
    assert train(workspace, 'other', 'randomness.seed=1', 'train_cfg.max_epochs=1') == 0
    losses = losses_of(whole)
    assert [step for _, step, _ in losses] == list(range(1, 10))
    assert losses_of(workspace / 'again') == losses
    assert losses_of(workspace / 'other')[0] != losses[0]
    assert_same_run(whole, workspace / 'again')


def train_and_die(workspace, work_dir, moments, *options):
    """Train or resume, once for each moment, and die then."""
    for moment in moments:
        code = train(workspace, work_dir, *options, kill_at=moment)
        assert code == -signal.SIGKILL, log_of(workspace)
        assert_readable(workspace / work_dir)


@pytest.mark.long
def test_three_kills_change_nothing(workspace, whole):
    """In an epoch, in the writing of a checkpoint, in a validation."""
    train_and_die(
        workspace,
        'three',
        [('before_train_iter', 5), ('write', 2), ('before_val_iter', 2)],
    )
    assert train(workspace, 'three') == 0, log_of(workspace)
    assert_same_run(whole, workspace / 'three')
    # what was computed twice was computed alike
    losses = losses_of(workspace / 'three')
    assert len(losses) > len(losses_of(whole))
    assert all(row in losses_of(whole) for row in losses)


@pytest.mark.slow  # 55 s on two idle cores
def test_ten_kills_change_nothing(workspace):
    """At seven moments of different kinds, then at three points in time."""
    options = ['train_cfg.max_epochs=12', 'param_scheduler.T_max=12']
    assert train(workspace, 'long', *options) == 0
    generator = random.Random(0)
    moments = [
        (name, generator.randint(1, MOMENTS[name]))
        for name in generator.sample(sorted(MOMENTS), 7)
    ]
    train_and_die(workspace, 'ten', moments, *options)
    for _ in range(3):
        process = start_tool(workspace, 'train.py', command('ten', *options))
        process.join(generator.uniform(0.5, 3.0))
        process.kill()
        process.join()
        assert_readable(workspace / 'ten')
    assert train(workspace, 'ten', *options) == 0
    assert_same_run(workspace / 'long', workspace / 'ten')


@pytest.mark.long
def test_a_missed_validation_is_made_up_for(workspace):
    """Killed in the only one there is, when the training was complete."""
    options = ['train_cfg.max_epochs=1']
    assert train(workspace, 'once', *options) == 0
    assert (
        train(workspace, 'missed', *options, kill_at=('before_val_iter', 2))
        == -signal.SIGKILL
    )
    assert not list((workspace / 'missed').glob('best_*'))
    assert train(workspace, 'missed', *options) == 0
    best = find_best_checkpoint(str(workspace / 'missed'))
    assert_equal(
        read_checkpoint(best)['state_dict'],
        read_checkpoint(find_best_checkpoint(str(workspace / 'once')))['state_dict'],
    )


@pytest.mark.long
def test_a_drawn_seed_is_kept(workspace):
    """Without a seed in the config, the checkpoint's counts."""
    options = ['randomness.seed=None', 'train_cfg.max_epochs=2']
    assert (
        train(workspace, 'drawn', *options, kill_at=('before_train_iter', 4))
        == -signal.SIGKILL
    )
    path = find_latest_checkpoint(str(workspace / 'drawn'))
    seed = read_checkpoint(path)['meta']['seed']
    assert train(workspace, 'drawn', *options) == 0
    options[0] = f'randomness.seed={seed}'
    assert train(workspace, 'given', *options) == 0
    assert_same_run(workspace / 'given', workspace / 'drawn')


@pytest.mark.parametrize(
    'world_size, options',
    [
        (2, []),
        (
            3,
            [
                'default_hooks.effective_batch.base_batch_size=3',
                'find_unused_parameters=True',
            ],
        ),
    ],
)
@pytest.mark.long
def test_several_processes_resume_alike(workspace, world_size, options):
    """The first one dies in a validation; the others end when it is gone."""
    options = [*options, 'train_cfg.max_epochs=2', 'train_dataloader.batch_size=1']
    names = f'whole_{world_size}', f'killed_{world_size}'
    whole, killed = (command(name, *options) for name in names)
    codes = run_tool_ranks(world_size, workspace, 'train.py', whole)
    assert not any(codes), log_of(workspace)
    first, *others = run_tool_ranks(
        world_size, workspace, 'train.py', killed, kill_at=('before_val_iter', 1)
    )
    assert first == -signal.SIGKILL and all(others)
    assert find_latest_checkpoint(str(workspace / names[1])).endswith('epoch_1.pth')
    codes = run_tool_ranks(world_size, workspace, 'train.py', killed)
    assert not any(codes), log_of(workspace)
    assert_same_run(*(workspace / name for name in names))
