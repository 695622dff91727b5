import pytest

HOOKS = ['EpochSeedHook']


def loader(num_workers, **kwargs):
    return dict(
        num_workers=num_workers,
        sampler=dict(type='DefaultSampler', shuffle=True),
        worker_init_fn=dict(type='seed_worker'),
        **kwargs,
    )


def draws(runner):
    """Return what each epoch of a run has seen."""
    runner.train()
    seen = runner.model.seen
    return [seen[at : at + 5] for at in range(0, len(seen), 5)]


@pytest.mark.parametrize('num_workers', [0, 2])
def test_a_resumed_run_draws_what_the_whole_one_did(make_runner, resume, num_workers):
    options = dict(epochs=3, loader=loader(num_workers), randomness=dict(seed=3))
    whole = draws(make_runner(HOOKS, **options))
    for done in (1, 2):
        assert draws(resume(done, HOOKS, **options)) == whole[done:]


@pytest.mark.parametrize('num_workers', [0, 2])
def test_no_two_draws_are_alike(make_runner, num_workers):
    """In two epochs, two workers, and three generators."""
    epochs = draws(
        make_runner(HOOKS, loader=loader(num_workers), randomness=dict(seed=0))
    )
    numbers = [
        number
        for epoch in epochs
        for (frame,), draw in epoch
        for number in (*frame[1:], draw)
    ]
    assert len(set(numbers)) == len(numbers) == 2 * 5 * 4


def test_validation_changes_nothing(make_runner):
    options = dict(epochs=2, randomness=dict(seed=0))
    often, never = (
        draws(make_runner(HOOKS, val_interval=interval, **options))
        for interval in (1, 3)
    )
    assert often[1] == never[1]


def test_the_seed_decides(make_runner):
    first, second = (
        draws(
            make_runner(HOOKS, epochs=1, loader=loader(0), randomness=dict(seed=seed))
        )
        for seed in (0, 1)
    )
    assert first[0][0] != second[0][0]


def test_a_drawn_seed_is_the_checkpoints_on_resume(make_runner, resume):
    """It seeds the order of the data, too, which is drawn up before."""
    options = dict(epochs=2, loader=loader(0))
    runner = make_runner(HOOKS, randomness=dict(seed=None), **options)
    whole = draws(runner)
    resumed = resume(1, HOOKS, randomness=dict(seed=None), **options)
    assert resumed.seed != runner.seed
    assert draws(resumed) == whole[1:]
    assert resumed.seed == runner.seed


@pytest.mark.parametrize('persistent', [True, False])
def test_workers_that_persist_are_warned_about(make_runner, persistent, tmp_path):
    options = loader(1, persistent_workers=persistent)
    make_runner(HOOKS, epochs=1, loader=options).train()
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert ('persistent_workers=True' in log) == persistent
