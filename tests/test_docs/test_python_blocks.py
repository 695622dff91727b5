"""Blocks of Python in the pages: what stands on its own runs.

The others are compiled, and what they import is there.
"""

import ast
import importlib
from importlib.util import find_spec

import pytest
from doc_pages import ROOT, code_blocks

import cleaners.register_modules  # noqa: F401

# what a block that is not run has, and why it is not
NOT_RUN = {
    'OURS.pth': 'wants a checkpoint of the reader',
    "'photo.jpg'": 'wants files of the reader',
    "'photo.png'": 'wants files of the reader',
    '.train()': 'trains',
    'import ray': 'starts many processes',
    '.register_module()': 'is part of a file that test_extending.py imports',
    'from . import': 'is part of a file that test_extending.py imports',
    '_base_ =': 'is a config that test_extending.py builds',
}
# packages that no requirement of this project names
OPTIONAL = {'onnxruntime', 'ray'}
BLOCKS = [
    pytest.param(code, id=f'{page}:{line}')
    for page, line, code in code_blocks('python', 'py')
]


def reason_not_to_run(code):
    return next((why for sign, why in NOT_RUN.items() if sign in code), None)


def test_there_are_blocks_of_both_kinds():
    reasons = {reason_not_to_run(block.values[0]) for block in BLOCKS}
    assert None in reasons and len(BLOCKS) > 10 and FRAMES
    assert len(reasons) > 1
    for sign in NOT_RUN:
        assert any(sign in block.values[0] for block in BLOCKS), sign  # none is stale


@pytest.mark.parametrize('code', BLOCKS)
def test_a_block_runs_or_imports(code, monkeypatch):
    monkeypatch.chdir(ROOT)
    if reason_not_to_run(code) is None:
        exec(compile(code, 'block', 'exec'), {})
        return
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                check_import(alias.name)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                check_import(node.module, alias.name)


FRAMES = [
    block for block in BLOCKS if "infer('photo.jpg', 'depth.png'" in block.values[0]
]


@pytest.mark.long
@pytest.mark.parametrize('code', FRAMES)
def test_a_block_for_own_files_runs(code, monkeypatch, tmp_path):
    """The reader's files are those of a made room."""
    for name, made in (('photo.jpg', 'room.jpg'), ('depth.png', 'room_depth.png')):
        (tmp_path / name).symlink_to(ROOT / 'demo/room' / made)
    monkeypatch.chdir(tmp_path)
    scope = {}
    exec(compile(code, 'block', 'exec'), scope)
    assert tuple(scope['sample'].pred_voxel_seg.label.shape) == (60, 36, 60)


def check_import(module, name=None):
    root = module.split('.')[0]
    if root in OPTIONAL and find_spec(root) is None:
        return
    imported = importlib.import_module(module)
    if name is not None and not hasattr(imported, name):
        importlib.import_module(f'{module}.{name}')


def test_a_wrong_import_is_found():
    with pytest.raises(ImportError):
        check_import('cleaners.apis', 'NoSuchThing')
