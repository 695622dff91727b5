"""Every tool answers at once, and stands on its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from in_process import TOOLS

SCRIPTS = sorted(str(path.relative_to(TOOLS)) for path in TOOLS.rglob('*.py'))
# the folder of the tool is not on the path: no tool imports another
CODE = """
import runpy, sys
sys.argv = [{path!r}, *{args!r}]
try:
    runpy.run_path({path!r}, run_name='__main__')
except SystemExit as stop:
    assert stop.code == {status}, stop.code
assert not {{'torch', 'mmengine', 'numpy', 'cv2'}} & set(sys.modules)
"""


def run(script, args, status, cwd):
    """Run a tool in a process of its own; returns what it printed."""
    code = CODE.format(path=str(TOOLS / script), args=args, status=status)
    result = subprocess.run(
        [sys.executable, '-c', code], cwd=cwd, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


@pytest.mark.parametrize('script', SCRIPTS)
def test_help_imports_nothing_heavy(script, tmp_path):
    text = run(script, ['--help'], 0, tmp_path)
    assert text.startswith(f'usage: {Path(script).name}')
    # the docstring, with its line breaks
    first = (TOOLS / script).read_text().split('"""')[1].splitlines()[0]
    assert f'\n{first}\n' in text


@pytest.mark.parametrize(
    'script, args, message',
    [
        (
            'test.py',
            ['a.py', 'b.pth', '--out', 'c.txt'],
            'argument --out: should end in .json or .pkl',
        ),
        (
            'analysis_tools/benchmark.py',
            ['--task', 'train'],
            '--task train needs a CONFIG',
        ),
        (
            'model_converters/official2cleaners.py',
            ['a.pth', 'b.pth', '--original', 'c.pth'],
            '--original needs --reverse',
        ),
    ],
)
def test_wrong_arguments_import_nothing_heavy(script, args, message, tmp_path):
    assert message in run(script, args, 2, tmp_path)
