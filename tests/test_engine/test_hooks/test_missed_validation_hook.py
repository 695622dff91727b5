import pytest
from mmengine.hooks import CheckpointHook

HOOKS = ['MissedValidationHook']


def names(tmp_path):
    return [path.name for path in tmp_path.glob('best_*')]


@pytest.mark.parametrize('rule, repeated', [('less', 0), ('greater', 1)])
def test_what_a_new_best_has_recorded_is_not_validated_again(
    make_runner, resume, tmp_path, rule, repeated
):
    """The weight falls: every epoch is a new best, or the first one stays."""
    make_runner(HOOKS, rule=rule).train()
    best = names(tmp_path)
    resumed = resume(2, HOOKS, rule=rule)
    resumed.train()
    assert resumed.model.validated == repeated
    assert names(tmp_path) == best == [f'best_weight_epoch_{1 if repeated else 2}.pth']


def test_an_interrupted_validation_is_made_up_for(make_runner, resume, tmp_path):
    runner = make_runner(HOOKS, rule='less')
    runner.model.register_forward_pre_hook(interrupt_at(epochs=2))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert names(tmp_path) == ['best_weight_epoch_1.pth']
    resumed = resume(2, HOOKS, rule='less')
    resumed.train()
    assert resumed.model.validated == 1 and not resumed.model.seen
    assert names(tmp_path) == ['best_weight_epoch_2.pth']


def interrupt_at(epochs):

    def interrupt(model, args):
        if not model.training and len(model.seen) == 5 * epochs:
            raise KeyboardInterrupt

    return interrupt


def test_an_interrupted_validation_is_made_up_for_without_epochs(
    make_runner, resume, tmp_path
):
    options = dict(iterations=10, val_interval=5, rule='less')
    runner = make_runner(HOOKS, **options)
    runner.model.register_forward_pre_hook(interrupt_at(epochs=2))
    with pytest.raises(KeyboardInterrupt):
        runner.train()
    assert names(tmp_path) == ['best_weight_iter_5.pth']
    resumed = resume(10, HOOKS, **options)
    resumed.train()
    assert resumed.model.validated == 1 and not resumed.model.seen
    assert names(tmp_path) == ['best_weight_iter_10.pth']


def test_a_validation_alone_builds_no_training(make_runner):
    runner = make_runner(HOOKS)
    # mmengine's own looks at the training
    runner._hooks = [h for h in runner.hooks if not isinstance(h, CheckpointHook)]
    assert runner.val() == dict(weight=0)
    assert isinstance(runner._train_loop, dict)


def test_intervals_that_change_are_followed(make_runner, resume):
    """Epoch 3 was due by the second one."""
    make_runner([], epochs=4, val_interval=4).train()
    resumed = resume(3, HOOKS, epochs=4, val_interval=4)
    resumed._train_loop['dynamic_intervals'] = [(2, 1)]
    resumed.train()
    assert resumed.model.validated == 2


@pytest.mark.parametrize('done, validated', [(1, 2), (2, 2), (3, 1)])
def test_only_what_was_due_is_validated(make_runner, resume, done, validated):
    """Due are epoch 2, in the middle, and epoch 3, the last one."""
    options = dict(epochs=3, val_interval=2)
    make_runner([], **options).train()  # notes no validation
    resumed = resume(done, HOOKS, **options)
    resumed.train()
    assert resumed.model.validated == validated
