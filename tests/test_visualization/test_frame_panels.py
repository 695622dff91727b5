import numpy as np

from cleaners.visualization import frame_panels as panels

PALETTE = [(1, 2, 3), (10, 20, 30), (40, 50, 60)]


def test_slices_show_the_axes():
    # sideways 2, height 3, depth 4; one voxel far, low and on the right
    volume = np.zeros((2, 3, 4), dtype=np.uint8)
    volume[1, 0, 3] = 7
    side = panels.side_slice(volume, 1)
    assert side.shape == (3, 4) and side[2, 3] == 7  # low, to the right
    top = panels.top_slice(volume, 0)
    assert top.shape == (4, 2) and top[0, 1] == 7  # far is up


def test_colours():
    labels = panels.colour_labels(np.array([0, 1, 255]), PALETTE)
    assert labels[1].tolist() == [10, 20, 30]
    assert labels[0].min() > labels[2].max()  # empty is light, ignored dark
    front, surface, behind = panels.colour_tsdf(np.array([0.5, 0.0, -0.5]))
    assert surface.min() > 240
    assert front[0] > front[2] and behind[2] > behind[0]
    near, far, missing = panels.colour_depth(np.array([[1.0, 5.0, 0.0]]))[0]
    assert near.sum() > far.sum() and len(set(missing.tolist())) == 1


def test_overlay_marks_the_pixel():
    photo = np.full((20, 30, 3), 100, dtype=np.uint8)
    voxels = np.full((20, 30), -1)
    voxels[5, 8] = 1
    drawn = panels.overlay_mapping(photo, voxels, np.array(PALETTE))
    assert drawn[5, 8].tolist() == [10, 20, 30]
    assert drawn[15, 20].tolist() == [50, 50, 50]


def test_rows_of_different_length():
    picture = np.zeros((48, 64, 3), dtype=np.uint8)
    cuts = panels.cut_volumes(
        [('A', np.zeros((3, 4, 5, 3), np.uint8))], np.zeros(60, dtype=bool), (48, 64)
    )
    assert [title for title, _ in cuts[0]] == ['A, from the left', 'A, from above']
    drawn = panels.compose_rows([[('P', picture)] * 3, *cuts], [('x', (9, 9, 9))])
    assert drawn.shape[1] == 3 * 64 + 4 * 20 and drawn.dtype == np.uint8


def test_volumes_are_cut_where_most_is_seen():
    """At the median, which one far voxel does not move."""
    shape = (12, 4, 5)
    seen = np.zeros(shape, bool)
    seen[[2, 3, 9], [1, 1, 3], [0, 2, 4]] = True
    volume = np.zeros((*shape, 3), np.uint8)
    volume[3] = 100
    volume[:, 1] += 50
    side, top = panels.cut_volumes([('A', volume)], seen.ravel(), (40, 50))[0]
    assert set(side[1].ravel()) == {100, 150}
    # less wide than the panel, which is white beside it
    assert set(top[1].ravel()) == {50, 150, 255}


def test_more_voxels_than_pixels_are_thinned_out():
    picture = np.zeros((90, 240, 3), dtype=np.uint8)
    picture[:, 120:] = 200
    panel = panels.enlarge(picture, (60, 80))
    assert (panel == 0).all(2).sum() == (panel == 200).all(2).sum() == 30 * 40
