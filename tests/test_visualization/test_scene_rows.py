import numpy as np

from cleaners.datasets import nyu
from cleaners.visualization.scene_rows import draw_scene_rows

METAINFO = dict(classes=nyu.CLASSES, palette=nyu.PALETTE)
FLOOR, SURFACE = nyu.CLASSES.index('floor'), len(nyu.CLASSES)


def hues(picture):
    """Which of the colours are there, however they are shaded."""
    pixels = picture.reshape(-1, 3).astype(int)
    spread = pixels.max(1) - pixels.min(1)
    grey = (spread == 0) & (pixels[:, 0] > 90) & (pixels[:, 0] < 160)
    red, green, blue = nyu.PALETTE[FLOOR]
    floor = (
        (pixels[:, 1] > 60)
        & (spread > 40)
        & (np.abs(pixels[:, 0] * green - pixels[:, 1] * red) < 900)
        & (np.abs(pixels[:, 2] * green - pixels[:, 1] * blue) < 900)
    )
    return grey.sum(), floor.sum()


def test_a_row_a_frame_and_a_column_a_title():
    floor = np.zeros((8, 4, 8), np.uint8)
    floor[:, 0] = FLOOR
    seen = np.where(floor == FLOOR, SURFACE, 0)
    one = draw_scene_rows(dict(seen=[seen], truth=[floor]), 'truth', METAINFO)
    width = one.shape[1] // 2
    for half, (is_grey, is_floor) in (
        (one[:260, :width], (True, False)),
        (one[:260, width:], (False, True)),
    ):
        grey, green = hues(half)
        assert (grey > 5000) == is_grey and (green > 5000) == is_floor
    # a ceiling hides nothing, and a second frame is a second row
    roofed = floor.copy()
    roofed[:, 3] = nyu.CLASSES.index('ceiling')
    two = draw_scene_rows(
        dict(seen=[seen, seen], truth=[floor, roofed]), 'truth', METAINFO
    )
    assert two.shape[0] > one.shape[0] + 240 and two.shape[1] == one.shape[1]
    assert hues(two[:, width:])[1] > 1.9 * hues(one[:, width:])[1]
