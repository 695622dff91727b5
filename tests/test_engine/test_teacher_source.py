"""Where a config says that the teacher of its network comes from."""

from pathlib import Path

import pytest

from cleaners.engine.teacher_source import find_teacher, print_teacher
from cleaners.utils.errors import InputError

SHIPPED = 'cleaners_depth-d32_teacher'


@pytest.fixture
def student(tmp_path, monkeypatch):
    """Write the config of a student in a folder of its own; returns its file."""
    monkeypatch.chdir(tmp_path)

    def write(teacher_ckpt):
        path = tmp_path / 'student.py'
        path.write_text(
            f'model = dict(teacher_ckpt={teacher_ckpt!r})\n'
            "default_hooks = dict(teacher=dict(teacher_config='teacher.py'))\n"
        )
        return str(path)

    return write


@pytest.mark.parametrize(
    'name, teacher',
    [
        ('cleaners_b2', 'cleaners_b2_teacher'),
        # the student is a generator
        ('ammnet_b2_cleaners-adv', 'ammnet_b2_teacher'),
    ],
)
def test_a_config_names_checkpoint_and_config(repo_root, name, teacher):
    found = find_teacher(str(repo_root / f'configs/{name}.py'))
    assert found == (f'work_dirs/{teacher}', f'configs/{teacher}.py')


def test_a_name_is_that_of_a_folder_or_of_the_package(student, tmp_path):
    shipped = Path(find_teacher(student(SHIPPED)).checkpoint)
    assert shipped.is_file() and shipped.name.startswith(SHIPPED)
    (tmp_path / SHIPPED).mkdir()
    assert find_teacher(student(SHIPPED)).checkpoint == SHIPPED


def test_a_file_must_be_there(student, tmp_path):
    with pytest.raises(InputError, match="checkpoint 'teacher.pth' not found"):
        find_teacher(student('teacher.pth'))
    (tmp_path / 'teacher.pth').touch()
    assert find_teacher(student('teacher.pth')).checkpoint == 'teacher.pth'


def test_a_config_of_the_package_is_found_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = find_teacher('configs/cleaners_depth-d32.py')
    assert found.config == 'configs/cleaners_depth-d32_teacher.py'
    with pytest.raises(InputError, match="^config 'configs/none.py' not found$"):
        find_teacher('configs/none.py')


def test_a_shell_gets_two_lines_or_an_error(student, repo_root, capsys):
    print_teacher(student('my runs/teacher'))
    assert capsys.readouterr().out == 'my runs/teacher\nteacher.py\n'
    path = repo_root / 'configs/cleaners_b2_baseline.py'
    with pytest.raises(SystemExit, match=f'^error: {path} has no teacher; train it by'):
        print_teacher(str(path))
