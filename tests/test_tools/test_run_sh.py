"""The one command: teacher, student, test."""
import os
import subprocess
import sys

from mmengine.config import Config

from cleaners.testing import (tiny_distiller, tiny_runner_cfg, tiny_ssc_net,
                              write_tiny_dataset)


def dump(root, name, model, **kwargs):
    """Write a config whose work dir follows from its name."""
    cfg = tiny_runner_cfg(
        root / 'Tiny', 'unused', model, log_level='INFO', **kwargs)
    for key in ('work_dir', 'experiment_name'):
        cfg.pop(key)
    if 'teacher_ckpt' in model:
        cfg['default_hooks']['teacher'] = dict(
            type='TeacherHook', teacher_config='tiny_teacher.py')
    Config(cfg).dump(str(root / name))


def test_it_trains_the_teacher_then_the_student_and_tests(repo_root, tmp_path):
    write_tiny_dataset(tmp_path / 'Tiny')
    once = dict(train_cfg=dict(by_epoch=True, max_epochs=1, val_interval=1))
    dump(tmp_path, 'tiny_teacher.py', tiny_ssc_net(), **once)
    dump(tmp_path, 'tiny.py', tiny_distiller('work_dirs/tiny_teacher'), **once)
    command = ['bash', str(repo_root / 'tools/run.sh'), 'tiny.py']
    env = dict(os.environ, PYTHON=sys.executable, OMP_NUM_THREADS='1')

    first = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert first.returncode == 0, first.stderr
    assert 'SSC mIoU' in first.stdout
    files = [
        tmp_path / 'work_dirs' / name / 'epoch_1.pth'
        for name in ('tiny_teacher', 'tiny')
    ]
    made = [path.stat().st_mtime_ns for path in files]

    # a work dir with nothing but its best checkpoint is a finished teacher
    files[0].unlink()
    again = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert not files[0].exists()
    assert files[1].stat().st_mtime_ns == made[1]
    assert 'SSC mIoU' in again.stdout
