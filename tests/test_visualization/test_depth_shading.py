import numpy as np

from cleaners.datasets import nyu
from cleaners.visualization.depth_shading import shade_depth


def test_wall_is_bright_and_slopes_are_darker():
    v, u = np.mgrid[:480, :640]
    wall = np.full((480, 640), 2000, dtype=np.uint16)
    # z = 2 / (1 + x) is the plane z + x z = 2, tilted by 45 degrees
    slope = (2000 / (1 + (u - 320) / 518.8579)).astype(np.uint16)
    bright = shade_depth(wall, nyu.INTRINSICS)[240, 320]
    dark = shade_depth(slope, nyu.INTRINSICS)[240, 320]
    assert (bright == bright[0]).all()
    # the wall faces the camera: 255 / (1 + (2 / 5) ** 2)
    assert abs(int(bright[0]) - 219) <= 1
    assert abs(int(dark[0]) - 219 * 0.5**0.5) < 12


def test_unmeasured_is_black():
    depth = np.full((480, 640), 2000, dtype=np.uint16)
    depth[:100] = 0
    grey = shade_depth(depth, nyu.INTRINSICS)
    assert grey.shape == (480, 640, 3) and grey.dtype == np.uint8
    assert not grey[:100].any() and grey[110:].all()
