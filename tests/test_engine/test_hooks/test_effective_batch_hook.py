import pytest
from mmengine.config import Config

HOOKS = ['EffectiveBatchHook']


@pytest.mark.parametrize('batch_size, counts, expected', [
    (1, 1, 0. + 1 + 2 + 3 + 4),
    (1, 2, 0.5 + 2.5 + 4),
    (1, 4, 1.5 + 4),
    (2, 2, 1.5 + 4),
    (1, 8, 2.),
])
def test_an_epoch_ends_with_an_update(make_runner, resume, batch_size, counts,
                                      expected):
    """The last group is averaged over its own iterations, and none is lost.

    Frames 0 to 4 are their own gradients; the learning rate is 1.
    """
    options = dict(
        epochs=2,
        loader=dict(batch_size=batch_size),
        wrapper=dict(accumulative_counts=counts))
    runner = make_runner(HOOKS, **options)
    runner.train()
    assert runner.model.weight.item() == -2 * expected

    resumed = resume(1, HOOKS, **options)
    resumed.train()
    assert resumed.model.weight.item() == -2 * expected
    assert len(resumed.model.seen) == -(-5 // batch_size)


def test_drop_last_leaves_out_frames(make_runner):
    runner = make_runner(
        HOOKS,
        epochs=1,
        loader=dict(batch_size=2, drop_last=True),
        wrapper=dict(accumulative_counts=2))
    runner.train()
    assert runner.model.weight.item() == -(0.5 + 2.5) / 2


@pytest.mark.parametrize('base, warned', [(4, False), (3, True), (8, False)])
def test_the_log_says_what_an_update_is_made_of(make_runner, tmp_path, base,
                                                warned):
    make_runner(
        HOOKS,
        epochs=1,
        loader=dict(batch_size=2),
        wrapper=dict(accumulative_counts=2),
        cfg=Config(dict(auto_accumulate=dict(base_batch_size=base)))).train()
    log = next(tmp_path.glob('*/*.log')).read_text()
    assert ('effective batch size 4: 2 frames x 1 processes x 2 accumulated'
            in log)
    assert ('is not scaled' in log) == warned
