"""The one command: teacher, student, test."""

import os
import subprocess
import sys

import pytest
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.utils.checkpoint_writing import save_checkpoint


def dump(root, name, model, **kwargs):
    """Write a config whose work dir follows from its name."""
    cfg = tiny_runner_cfg(root / 'Tiny', None, model, log_level='INFO', **kwargs)
    if 'teacher_ckpt' in model:
        cfg['default_hooks']['teacher'] = dict(
            type='TeacherHook', teacher_config='tiny_teacher.py'
        )
    Config(cfg).dump(str(root / name))


def run_sh(repo_root, folder):
    """Run tools/run.sh on tiny.py, from a folder."""
    return subprocess.run(
        ['bash', str(repo_root / 'tools/run.sh'), 'tiny.py'],
        cwd=folder,
        env=dict(os.environ, PYTHON=sys.executable, OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
    )


@pytest.fixture
def run(repo_root, tmp_path):
    """Run tools/run.sh on two tiny configs; return what it prints."""
    write_tiny_dataset(tmp_path / 'Tiny')
    once = dict(train_cfg=dict(by_epoch=True, max_epochs=1, val_interval=1))
    dump(tmp_path, 'tiny_teacher.py', tiny_ssc_net(), **once)
    dump(tmp_path, 'tiny.py', tiny_distiller('work_dirs/tiny_teacher'), **once)

    def run_once():
        done = run_sh(repo_root, tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run_once


@pytest.mark.long
def test_a_work_dir_with_only_its_best_is_a_finished_teacher(run, tmp_path):
    init_default_scope('mmdet3d')
    teacher_dir = tmp_path / 'work_dirs/tiny_teacher'
    teacher_dir.mkdir(parents=True)
    save_checkpoint(
        MODELS.build(tiny_ssc_net()).state_dict(),
        str(teacher_dir / 'best_ssc_mIoU_epoch_7.pth'),
    )
    assert 'SSC mIoU' in run()
    assert len(list(teacher_dir.iterdir())) == 1
    assert (tmp_path / 'work_dirs/tiny/epoch_1.pth').is_file()


def test_a_misspelt_teacher_file_is_no_folder_to_train_into(repo_root, tmp_path):
    dump(tmp_path, 'tiny.py', tiny_distiller('my runs/techer.pth'))
    (tmp_path / 'my runs').mkdir()
    (tmp_path / 'my runs/teacher.pth').touch()
    done = run_sh(repo_root, tmp_path)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "error: checkpoint 'my runs/techer.pth' not found, did you mean "
        "'my runs/teacher.pth'?\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ['my runs', 'tiny.py']


def test_a_teacher_of_the_package_is_not_trained_again(repo_root, tmp_path):
    """It comes to the student, which has no data here."""
    name = 'cleaners_depth-d32_teacher'
    dump(tmp_path, 'tiny.py', tiny_distiller(name))
    done = run_sh(repo_root, tmp_path)
    assert done.returncode == 1
    assert "Tiny' not found: prepare it" in done.stderr
    assert 'tiny_teacher.py' not in done.stderr
    assert not (tmp_path / name).exists()


@pytest.fixture
def told(repo_root, tmp_path):
    """What tools/run.sh would run on tiny.py, whose teacher is in a work dir."""
    dump(tmp_path, 'tiny.py', tiny_distiller('work_dirs/tiny_teacher'))
    python = tmp_path / 'python'
    python.write_text(
        f'#!/bin/bash\n[ "$1" = -c ] && exec {sys.executable} "$@"\necho "$@"\n'
    )
    python.chmod(0o755)

    def run(*more):
        return subprocess.run(
            ['bash', str(repo_root / 'tools/run.sh'), 'tiny.py', *more],
            cwd=tmp_path,
            env=dict(os.environ, PYTHON=str(python)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()

    return run


@pytest.mark.parametrize('last', ['epoch_1.pth', 'iter_9.pth'])
def test_a_teacher_that_was_interrupted_goes_on(told, tmp_path, last):
    teacher_dir = tmp_path / 'work_dirs/tiny_teacher'
    teacher_dir.mkdir(parents=True)
    (teacher_dir / 'best_ssc_mIoU.pth').touch()
    assert 'tiny_teacher.py' not in told()[0]
    (teacher_dir / last).touch()
    assert told()[0].endswith(
        'train.py tiny_teacher.py --work-dir work_dirs/tiny_teacher --resume'
    )


def test_on_several_gpus_every_part_has_its_processes(repo_root, told):
    start = '-m torch.distributed.run --standalone --nproc_per_node=2 '
    for line, arguments in zip(
        told('2'),
        (
            'train.py tiny_teacher.py --work-dir work_dirs/tiny_teacher --resume',
            'train.py tiny.py --work-dir work_dirs/tiny --resume',
            'test.py tiny.py work_dirs/tiny --work-dir work_dirs/tiny',
        ),
        strict=True,
    ):
        assert line == f'{start}{repo_root}/tools/{arguments} --launcher pytorch'


@pytest.mark.slow
def test_it_trains_the_teacher_then_the_student_and_tests(run, tmp_path):
    assert 'SSC mIoU' in run()
    files = [
        tmp_path / 'work_dirs' / name / 'epoch_1.pth'
        for name in ('tiny_teacher', 'tiny')
    ]
    made = [path.stat().st_mtime_ns for path in files]
    # what is complete is not trained again
    assert 'SSC mIoU' in run()
    assert [path.stat().st_mtime_ns for path in files] == made
