"""mmcv with operators, without them, and no mmcv at all."""

import importlib
import subprocess
import sys
from pathlib import Path

import mmcv
import pytest
import torch
from mmengine.model import revert_sync_batchnorm
from mmengine.utils.dl_utils.misc import mmcv_full_available

import cleaners
from cleaners.utils.mmcv_operators import stand_in_for_operators

EXTENSION = 'mmcv._ext'
HAS_OPERATORS = any(Path(mmcv.__file__).parent.glob('_ext.*.so'))
without_operators = pytest.mark.skipif(HAS_OPERATORS, reason='this mmcv has operators')
with_operators = pytest.mark.skipif(
    not HAS_OPERATORS, reason='mmcv-lite is installed, not a full mmcv'
)


@pytest.fixture
def other_mmcv(monkeypatch, tmp_path):
    """A folder that alone is searched for an mmcv; none is imported yet."""
    for name in ('mmcv', EXTENSION):  # set first, so that it is restored
        monkeypatch.setitem(sys.modules, name, None)
        del sys.modules[name]
    monkeypatch.setattr(sys, 'path', [str(tmp_path)])
    monkeypatch.setattr(sys, 'excepthook', sys.excepthook)
    folder = tmp_path / 'mmcv'
    folder.mkdir()
    importlib.invalidate_caches()
    return folder


def call_nms():
    from mmcv.ops import nms

    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    return nms(boxes, torch.tensor([0.9, 0.8, 0.7]), 0.5)


@without_operators
def test_a_missing_operator_is_named():
    with pytest.raises(RuntimeError, match="without.*'nms'.*MMCV_OPS=1"):
        call_nms()


@with_operators
def test_operators_that_are_there_are_used():
    assert call_nms()[1].tolist() == [0, 2]


@without_operators
def test_the_stand_in_is_no_package_and_wraps_nothing():
    extension = importlib.import_module(EXTENSION)
    assert callable(extension.roi_align_forward)
    for name in ('__path__', '__wrapped__', '__file__'):
        with pytest.raises(AttributeError, match=name):
            getattr(extension, name)


def test_others_are_told_whether_there_are_operators():
    assert mmcv_full_available() is HAS_OPERATORS
    norm = torch.nn.SyncBatchNorm(2)
    assert type(revert_sync_batchnorm(norm)) is not torch.nn.SyncBatchNorm


@pytest.mark.parametrize('has_operators', [True, False])
def test_only_missing_operators_are_stood_in_for(other_mmcv, has_operators):
    (other_mmcv / '__init__.py').touch()
    if has_operators:
        (other_mmcv / '_ext.py').write_text('nms = 1')
    stand_in_for_operators()
    assert (EXTENSION in sys.modules) is not has_operators
    extension = importlib.import_module(EXTENSION)
    assert (extension.nms == 1) is has_operators


def test_a_folder_that_mmcv_left_behind_is_no_mmcv(other_mmcv):
    (other_mmcv / '_ext.py').touch()
    with pytest.raises(ModuleNotFoundError, match='pip install "mmcv-lite>='):
        stand_in_for_operators()


def test_without_any_mmcv_a_tool_says_in_one_line_what_to_install(repo_root):
    package = Path(cleaners.__file__).parents[1]
    script = (
        f'import runpy, sys\n'
        f'sys.path.append({str(package)!r})\n'
        f'sys.argv = ["train.py", "config.py"]\n'
        f'runpy.run_path("tools/train.py", run_name="__main__")'
    )
    # -I and -S: none of the installed packages
    done = subprocess.run(
        [sys.executable, '-I', '-S', '-c', script],
        cwd=repo_root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        'error: cleaners needs mmcv: pip install "mmcv-lite>=2.0.0rc4,<2.2.0"'
    )
    assert done.stderr.count('\n') == 1
    assert done.stdout == ''
