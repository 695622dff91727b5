"""A small release of NYU, and the command line of the tools."""

import os
import subprocess
import sys

import cv2
import numpy as np
import pytest

from cleaners.fileio.depth_file import encode_depth
from cleaners.fileio.nyu_bin import NYUScene, write_nyu_bin
from cleaners.synth.room_frame import make_room_frame

# one of the 36 classes for each of the 12
TO_RAW = np.zeros(256, dtype=np.uint8)
TO_RAW[:12] = 0, 1, 2, 3, 4, 6, 7, 8, 9, 16, 11, 5
TO_RAW[255] = 255


@pytest.fixture(scope='session')
def run_tool(repo_root):
    """Run a tool of the project; returns the finished process."""

    def run(tool, *args):
        command = [sys.executable, str(repo_root / 'tools' / tool)]
        return subprocess.run([*command, *map(str, args)],
                              capture_output=True,
                              text=True,
                              env=dict(os.environ, OMP_NUM_THREADS='1'),
                              check=False)

    return run


@pytest.fixture(scope='session')
def create_data(run_tool):
    """Run tools/create_data.py."""
    return lambda *args: run_tool('create_data.py', *args)


@pytest.fixture(scope='session')
def room():
    """One synthetic frame."""
    return make_room_frame(0, 0)


@pytest.fixture(scope='session')
def write_release(room):
    """Write a folder of a release whose frames all show the room."""

    def write(folder, samples, depth_mm=room.depth_mm, photos=True):
        folder.mkdir(parents=True, exist_ok=True)
        scene = NYUScene(room.view.voxel_origin, room.view.cam2world,
                         TO_RAW[room.labels])
        for sample in samples:
            write_nyu_bin(folder / f'{sample}_0000.bin', scene)
            cv2.imwrite(
                str(folder / f'{sample}_0000.png'), encode_depth(depth_mm))
            if photos:
                cv2.imwrite(
                    str(folder / f'{sample}_rgb.png'), room.rgb[..., ::-1])

    return write
