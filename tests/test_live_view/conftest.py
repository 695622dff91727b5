"""What tests of the live view share."""

import time

import cv2
import pytest
import torch

from cleaners.apis import SSCInferencer
from cleaners.data_preparation.rgbd_reading import RGBDOptions
from cleaners.live_view.server import start_scene_server


@pytest.fixture(scope='module')
def depth_infer(repo_root):
    """A random network that sees depth alone."""
    torch.manual_seed(0)
    return SSCInferencer(repo_root / 'configs/cleaners_depth-d32_baseline.py')


@pytest.fixture(scope='session')
def frame_files(room):
    """Photo and depth image of a room, as they would be sent."""
    return dict(
        photo=cv2.imencode('.png', room.rgb[..., ::-1])[1].tobytes(),
        depth=cv2.imencode('.png', room.depth_mm)[1].tobytes(),
    )


@pytest.fixture(scope='module')
def server(depth_infer):
    """The live view on a free port."""
    pytest.importorskip(
        'viser', reason='viser is not installed (requirements/serve.txt)'
    )
    server = start_scene_server(depth_infer, RGBDOptions(None), '127.0.0.1', 0)
    yield server
    server.stop()


@pytest.fixture
def until():
    """Wait for the threads of the server."""

    def wait(is_so, seconds=60):
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end
            time.sleep(0.01)

    return wait
