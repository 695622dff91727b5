"""Whole runs on a tiny data set: teacher, student, resume, test."""

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.runner import Runner

import cleaners.register_modules  # noqa: F401
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.utils.checkpoint import (
    find_best_checkpoint,
    find_latest_checkpoint,
    load_strictly,
    read_checkpoint,
    state_dict_of,
    weights_digest,
)
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')


def make_runner(data_root, work_dir, model, **kwargs):
    return Runner.from_cfg(
        Config(tiny_runner_cfg(data_root, work_dir, model, **kwargs))
    )


def with_teacher_hook(cfg):
    cfg['default_hooks']['teacher'] = dict(
        type='TeacherHook', teacher_config='configs/tiny_teacher.py'
    )
    return cfg


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'Tiny'
    write_tiny_dataset(root)
    return root


@pytest.fixture(scope='module')
def teacher_dir(data_root, tmp_path_factory):
    """The work dir of a trained tiny teacher."""
    work_dir = tmp_path_factory.mktemp('runs') / 'teacher'
    make_runner(data_root, work_dir, tiny_ssc_net()).train()
    return work_dir


def distillation_cfg(data_root, work_dir, teacher_ckpt, **kwargs):
    return with_teacher_hook(
        tiny_runner_cfg(
            data_root, work_dir, tiny_distiller(str(teacher_ckpt)), **kwargs
        )
    )


@pytest.fixture(scope='module')
def student_run(data_root, teacher_dir, tmp_path_factory):
    """Runner of a finished distillation."""
    work_dir = tmp_path_factory.mktemp('runs') / 'student'
    runner = Runner.from_cfg(Config(distillation_cfg(data_root, work_dir, teacher_dir)))
    runner.train()
    return runner


def test_the_teacher_is_what_its_checkpoint_holds(student_run, teacher_dir):
    teacher = MODELS.build(tiny_ssc_net())
    load_strictly(teacher, find_best_checkpoint(str(teacher_dir)))
    bound = student_run.model.teacher
    assert weights_digest(bound) == weights_digest(teacher)
    assert not any(module.training for module in bound.modules())


def test_the_checkpoint_is_a_plain_students(student_run, teacher_dir):
    path = find_latest_checkpoint(student_run.work_dir)
    checkpoint = read_checkpoint(path)
    plain = MODELS.build(tiny_ssc_net())
    assert list(checkpoint['state_dict']) == list(plain.state_dict())
    load_strictly(plain, path)
    best = find_best_checkpoint(str(teacher_dir))
    assert checkpoint['meta']['teacher']['path'] == best
    numbers = sum(v.numel() for v in checkpoint['state_dict'].values())
    assert numbers == sum(v.numel() for v in plain.state_dict().values())


def test_both_configs_score_it_alike(student_run, data_root, tmp_path):
    """tools/test.py needs neither the distiller nor the teacher."""
    path = find_latest_checkpoint(student_run.work_dir)
    models = dict(plain=tiny_ssc_net(), distiller=tiny_distiller('no such teacher.pth'))
    scores = [
        make_runner(data_root, tmp_path / name, model, load_from=path).test()
        for name, model in models.items()
    ]
    assert scores[0] == scores[1] and scores[0]['ssc/mIoU'] > 0


def test_a_missing_teacher_is_told_with_the_command(data_root, tmp_path):
    cfg = distillation_cfg(data_root, tmp_path / 'run', tmp_path / 'none')
    with pytest.raises(
        InputError, match='not found.*tools/train.py configs/tiny_teacher.py'
    ):
        Runner.from_cfg(Config(cfg)).train()


def test_another_teacher_is_refused_on_resume(student_run, data_root, tmp_path):
    other = tmp_path / 'other.pth'
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), other)
    cfg = distillation_cfg(
        data_root,
        tmp_path / 'run',
        other,
        resume=True,
        load_from=find_latest_checkpoint(student_run.work_dir),
    )
    with pytest.raises(InputError, match='holds other weights than the one that'):
        Runner.from_cfg(Config(cfg)).train()


def test_a_slimmed_teacher_is_the_same(student_run, data_root, teacher_dir, tmp_path):
    """As others get it: another file, without its optimizer."""
    slim = tmp_path / 'slim.pth'
    content = read_checkpoint(find_best_checkpoint(str(teacher_dir)))
    torch.save(dict(meta=content['meta'], state_dict=content['state_dict']), slim)
    cfg = distillation_cfg(
        data_root,
        tmp_path / 'run',
        slim,
        train_cfg=dict(by_epoch=True, max_epochs=3, val_interval=1),
        resume=True,
        load_from=find_latest_checkpoint(student_run.work_dir),
    )
    runner = Runner.from_cfg(Config(cfg))
    runner.train()
    checkpoint = read_checkpoint(find_latest_checkpoint(runner.work_dir))
    assert checkpoint['meta']['epoch'] == 3
    assert checkpoint['meta']['teacher']['path'] == str(slim)


def test_a_changed_teacher_stops_the_run(data_root, teacher_dir, tmp_path):
    cfg = distillation_cfg(data_root, tmp_path / 'run', teacher_dir)
    runner = Runner.from_cfg(Config(cfg))
    hook = next(h for h in runner.hooks if type(h).__name__ == 'TeacherHook')
    hook.before_train(runner)
    hook.after_train_epoch(runner)  # unchanged: passes
    hook.before_train(runner)
    next(runner.model.teacher.parameters()).data += 1e-6
    with pytest.raises(RuntimeError, match='teacher has changed'):
        hook.after_train_epoch(runner)


def test_the_adapter_of_a_wider_teacher_survives_a_resume(data_root, tmp_path):
    """It is kept beside the student, whose checkpoint stays a student's."""
    teacher = tiny_ssc_net(channels=12)
    torch.save(MODELS.build(teacher).state_dict(), tmp_path / 'wide.pth')

    def build(max_epochs, **kwargs):
        cfg = distillation_cfg(
            data_root, tmp_path / 'run', tmp_path / 'wide.pth', **kwargs
        )
        cfg['model'].update(
            teacher=teacher,
            kd_surface=dict(
                type='SurfaceKDLoss', student_channels=8, teacher_channels=12
            ),
        )
        cfg['train_cfg'].update(max_epochs=max_epochs)
        return Runner.from_cfg(Config(cfg))

    def run(max_epochs, **kwargs):
        runner = build(max_epochs, **kwargs)
        runner.train()
        return runner

    first = run(1, experiment_name='first').model.own_state_dict()
    path = find_latest_checkpoint(str(tmp_path / 'run'))
    checkpoint = read_checkpoint(path)
    load_strictly(MODELS.build(tiny_ssc_net()), path)
    assert set(checkpoint['distiller']) == set(first)
    resumed = run(1, experiment_name='again', resume=True, load_from=path)
    by_hand = build(2, experiment_name='by hand')
    by_hand.resume(path)
    for runner in (resumed, by_hand):
        for key, value in runner.model.own_state_dict().items():
            assert torch.equal(value, first[key])


def test_a_teacher_of_nan_is_refused(data_root, teacher_dir, tmp_path):
    state = state_dict_of(read_checkpoint(find_latest_checkpoint(str(teacher_dir))))
    state['decode_head.classifier.bias'][3] = float('nan')
    torch.save(state, tmp_path / 'nan.pth')
    cfg = distillation_cfg(data_root, tmp_path / 'run', tmp_path / 'nan.pth')
    with pytest.raises(
        InputError,
        match=r"^teacher .*nan\.pth' has NaN or infinite values in "
        r'decode_head\.classifier\.bias',
    ):
        Runner.from_cfg(Config(cfg)).train()


@pytest.mark.parametrize(
    'spoil, match',
    [
        (lambda state: state.pop('decode_head.classifier.bias'), 'does not.*1 missing'),
        (lambda state: state.update(other=torch.ones(1)), 'does not.*1 unexpecte'),
        (
            lambda state: state['head_2d.classifier.weight'].fill_(float('inf')),
            r'has NaN or infinite values in head_2d\.classifier\.weight',
        ),
    ],
)
def test_the_runner_refuses_a_checkpoint_that_does_not_fit(
    student_run, data_root, tmp_path, spoil, match
):
    state = state_dict_of(read_checkpoint(find_latest_checkpoint(student_run.work_dir)))
    spoil(state)
    torch.save(dict(state_dict=state, meta={}), tmp_path / 'wrong.pth')
    runner = make_runner(
        data_root,
        tmp_path / 'run',
        tiny_ssc_net(),
        load_from=str(tmp_path / 'wrong.pth'),
    )
    with pytest.raises(InputError, match=rf"wrong\.pth' {match}"):
        runner.test()
