"""Fixtures shared by all tests."""

import gc
import os
import signal
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.fileio.depth_file import encode_depth, read_depth_png
from cleaners.fileio.nyu_bin import NYUScene, read_nyu_bin
from cleaners.geometry.mapping import map_pixels
from cleaners.geometry.tsdf import compute_tsdf
from cleaners.geometry.voxel_grid import GridView, downsample_labels
from cleaners.synth.room_frame import make_room_frame
from cleaners.testing.nyu_files import write_nyu_bin

ROOT = Path(__file__).resolve().parents[1]
# one of the 36 classes for each of the 12
TO_RAW = np.zeros(256, dtype=np.uint8)
TO_RAW[:12] = 0, 1, 2, 3, 4, 6, 7, 8, 9, 16, 11, 5
TO_RAW[255] = 255


def pytest_configure() -> None:
    """Let programs that tests start be interrupted.

    A shell has what it starts in the background ignore SIGINT, and so would
    the tests and all that they start.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let what was imported be passed over when garbage is collected.

    mmengine collects it for every data set, each time half a second.
    """
    gc.freeze()


@pytest.fixture(scope='session')
def repo_root() -> Path:
    """Root of the repository."""
    return ROOT


@pytest.fixture(scope='session')
def reference() -> Callable[[str], Path]:
    """Find published answers and data; the test is skipped without them."""
    named = os.environ.get('CLEANERS_REFERENCE_DIR')
    root = Path(named or ROOT.parent / 'shared')
    if named and not root.is_dir():
        pytest.fail(f'CLEANERS_REFERENCE_DIR: no folder {root}')

    def find(name: str) -> Path:
        if not (root / name).exists():
            pytest.skip(
                f'no {name} in {root}; set CLEANERS_REFERENCE_DIR to the folder that '
                'has it'
            )
        return root / name

    return find


@pytest.fixture(scope='session')
def nyu_frame_dir(reference: Callable[[str], Path]) -> Path:
    """Folder with the real NYU frame and its published answer."""
    return reference('nyu_frame/reference.npz').parent


@pytest.fixture(scope='session')
def nyu_3dsketch_dir(reference: Callable[[str], Path]) -> Path:
    """Folder with the volumes of NYU that 3D-Sketch released."""
    return reference('nyu_3dsketch/Mapping/0003.npz').parents[1]


@pytest.fixture(scope='session')
def nyu_frame(nyu_frame_dir: Path) -> SimpleNamespace:
    """The real NYU frame: inputs, our results and the answers."""
    scene = read_nyu_bin(nyu_frame_dir / 'NYU0003_0000.bin', nyu.FINE_GRID.shape)
    depth = read_depth_png(nyu_frame_dir / 'NYU0003_0000.png') / 1000.0
    view = GridView(scene.cam2world, scene.voxel_origin, nyu.INTRINSICS, nyu.FINE_GRID)
    labels = nyu.map_classes(scene.labels)
    pixel_voxel = map_pixels(depth, view)
    with np.load(nyu_frame_dir / 'reference.npz') as file:
        answer = dict(file)
    with np.load(nyu_frame_dir / 'NYU0003_0000_TSDF.npz') as file:
        published = dict(file)
    return SimpleNamespace(
        scene=scene,
        depth=depth,
        view=view,
        labels=labels,
        label_low=downsample_labels(
            labels, nyu.BLOCK, nyu.NUM_CLASSES, nyu.IGNORE_INDEX
        ),
        pixel_voxel=pixel_voxel,
        tsdf=compute_tsdf(depth, pixel_voxel, view),
        answer=answer,
        published=published,
    )


@pytest.fixture(scope='session')
def room():
    """One synthetic frame."""
    return make_room_frame(0, 0)


@pytest.fixture(scope='session')
def write_release(room):
    """Write a folder of a release whose frames all show the room."""

    def write(folder, samples, depth_mm=room.depth_mm, photos=True):
        folder.mkdir(parents=True, exist_ok=True)
        scene = NYUScene(
            room.view.voxel_origin, room.view.cam2world, TO_RAW[room.labels]
        )
        for sample in samples:
            write_nyu_bin(folder / f'{sample}_0000.bin', scene)
            cv2.imwrite(str(folder / f'{sample}_0000.png'), encode_depth(depth_mm))
            if photos:
                cv2.imwrite(str(folder / f'{sample}_rgb.png'), room.rgb[..., ::-1])

    return write


@pytest.fixture
def no_config_text(monkeypatch):
    """The Runner formats its config three times, a second each."""
    from mmengine.config import Config

    monkeypatch.setattr(Config, 'pretty_text', '')
