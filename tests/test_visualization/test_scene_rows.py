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
    one = draw_scene_rows(dict(seen=[seen], truth=[floor]), METAINFO)
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
    two = draw_scene_rows(dict(seen=[seen, seen], truth=[floor, roofed]), METAINFO)
    assert two.shape[0] > one.shape[0] + 240 and two.shape[1] == one.shape[1]
    assert hues(two[:, width:])[1] > 1.9 * hues(one[:, width:])[1]


def test_classes_without_a_ceiling():
    label = np.zeros((8, 4, 8), np.uint8)
    label[:, 0] = 1
    metainfo = dict(classes=('empty', 'shelf'), palette=((0, 0, 0), nyu.PALETTE[FLOOR]))
    assert hues(draw_scene_rows(dict(truth=[label]), metainfo))[1] > 1000


def test_nothing_is_cut_off():
    near = np.zeros((8, 4, 8), np.uint8)
    near[3:5, 0, 3:5] = FLOOR
    whole = np.full((8, 4, 8), FLOOR, np.uint8)
    rows = draw_scene_rows(dict(a=[near, near], b=[whole, whole]), METAINFO)
    width = 320 + 20
    for top in (44, 44 + 240 + 45):
        # each panel is framed all around, and within the frame is white
        for left in (20, 20 + width):
            panel = rows[top - 1 : top + 241, left - 1 : left + 321]
            sides = panel[0], panel[-1], panel[:, 0], panel[:, -1]
            assert all(np.ptp(side) == 0 and side.max() < 255 for side in sides)
            within = panel[1:-1, 1:-1]
            inner = within[0], within[-1], within[:, 0], within[:, -1]
            assert all(side.min() == 255 for side in inner)
