"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope='session')
def reference_dir() -> Path:
    """Folder with the published answers; the test is skipped without it."""
    folder = Path(
        os.environ.get('CLEANERS_REFERENCE_DIR', ROOT.parent / 'shared'))
    if not folder.is_dir():
        pytest.skip(f'no reference data in {folder}; set '
                    'CLEANERS_REFERENCE_DIR to their folder')
    return folder


@pytest.fixture(scope='session')
def nyu_frame_dir(reference_dir: Path) -> Path:
    """Folder with the real NYU frame and its published answer."""
    folder = reference_dir / 'nyu_frame'
    if not (folder / 'reference.npz').is_file():
        pytest.skip(f'no reference.npz in {folder}; set '
                    'CLEANERS_REFERENCE_DIR to the folder above it')
    return folder
