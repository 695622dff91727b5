"""Depth images of other cameras and rooms, and of simple scenes."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.fileio.depth_file import decode_depth_file, read_depth_png
from cleaners.geometry.camera import Intrinsics, pixel_rays
from cleaners.synth.room_frame import make_room_frame


class DepthFrame(NamedTuple):
    """A depth image in metres, (H, W), and its camera."""

    depth: np.ndarray
    intrinsics: Intrinsics


def _stored(path: Path) -> np.ndarray:
    """Depth of a camera whose files are not coded like NYU's."""
    return decode_depth_file(path, path.read_bytes())


def _sun(path: Path) -> DepthFrame:
    camera = json.loads((path.parent / '000017_camera.json').read_text())
    k = np.array(camera['intrinsics'])
    return DepthFrame(
        _stored(path) / 1000.0,
        Intrinsics(k[0, 0], k[1, 1], k[0, 2], k[1, 2]),
    )


def _nyu(path: Path) -> DepthFrame:
    return DepthFrame(read_depth_png(path) / 1000.0, nyu.INTRINSICS)


def _shelf(path: Path) -> DepthFrame:
    return DepthFrame(
        read_depth_png(path) / 1000.0, Intrinsics(520.53, 520.74, 277.93, 215.12)
    )


def _desk(path: Path) -> DepthFrame:
    return DepthFrame(
        _stored(path) / 5000.0,
        Intrinsics(525.0, 525.0, 319.5, 239.5),
    )


def _tabletop(path: Path) -> DepthFrame:
    return DepthFrame(
        _stored(path) / 1000.0,
        Intrinsics(618.02, 618.0, 312.38, 232.38),
    )


_REAL = dict(
    sun=('sunrgbd_frame/000017_depth.png', _sun),
    nyu=('nyu_frame/NYU0003_0000.png', _nyu),
    shelf=('rgbd_frames/office_shelf_depth.png', _shelf),
    desk=('rgbd_frames/office_desk_depth.png', _desk),
    tabletop=('rgbd_frames/tabletop_depth.png', _tabletop),
)


@pytest.fixture(scope='session')
def depth_frame(request):
    """Give a real frame by its name; ``synthN`` is a synthetic room."""

    @cache
    def get(name: str) -> DepthFrame:
        if name.startswith('synth'):
            room = make_room_frame(3, int(name[5:]))
            return DepthFrame(room.depth_mm / 1000.0, nyu.INTRINSICS)
        file, read = _REAL[name]
        return read(request.getfixturevalue('reference')(file))

    return get


@pytest.fixture(scope='session')
def box_depth():
    """Depth of axis-aligned boxes in a room, at a quarter of NYU's size."""
    camera = Intrinsics(260.0, 260.0, 160.0, 120.0)
    img_size = (240, 320)

    def cast(cam2world, low, high, boxes=()):
        rays = pixel_rays(camera, img_size) @ cam2world[:3, :3].T
        rays[rays == 0] = 1e-12
        start = cam2world[:3, 3]
        # out of the room, or into a box
        depth = (np.where(rays > 0, high, low) - start) / rays
        depth = depth.min(axis=1)
        for box in boxes:
            ends = (np.array(box)[:, None] - start) / rays
            enter, leave = ends.min(axis=0).max(1), ends.max(axis=0).min(1)
            is_hit = (enter < leave) & (enter > 0) & (enter < depth)
            depth[is_hit] = enter[is_hit]
        return DepthFrame(depth.reshape(img_size), camera)

    return cast
