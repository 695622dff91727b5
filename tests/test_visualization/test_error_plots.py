import cv2
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cleaners.evaluation.functional.ssc_error_counts import (
    OCCLUDED,
    SURFACE,
    BinWidths,
    ErrorCounts,
)
from cleaners.evaluation.functional.ssc_error_report import error_report
from cleaners.visualization.error_plots import (
    draw_confusion,
    draw_error_by_distance,
    draw_error_by_occlusion,
    encode_figure,
)

CLASSES = ('empty', 'wall', 'chair')
PALETTE = [(20, 190, 200), (150, 210, 220), (200, 200, 90)]
NEAR = np.array([[60, 10, 10], [0, 30, 10], [20, 20, 2000]])
# no chair
FAR = np.array([[5, 0, 0], [1, 3, 0], [0, 0, 0]])


@pytest.fixture
def report():
    counts = ErrorCounts(
        occlusion={SURFACE: FAR, OCCLUDED: NEAR},
        distance={1: NEAR, 4: FAR},
        depth={0: NEAR},
        frames=dict(
            scored=1, without_ground_truth=0, without_pose=0, without_surface=0
        ),
    )
    return error_report(counts, CLASSES, BinWidths(0.5, 2))


def labels_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def curve(axes, label):
    (line,) = (line for line in axes.lines if line.get_label() == label)
    return line


def heights(axes):
    return [bar.get_height() for bar in axes.patches]


def test_confusion_shows_percent_and_counts(report):
    axes, bar = draw_confusion(report, PALETTE).axes
    cells = {
        tuple(map(int, text.get_position())): text.get_text() for text in axes.texts
    }
    # at (column, row)
    assert cells[2, 0] == '11.8\n(10)' and cells[0, 2] == '1.0\n(20)'
    assert cells[2, 2] == '98.0\n(2k)' and len(cells) == 9
    np.testing.assert_allclose(axes.images[0].get_array().sum(axis=1), 100)
    assert axes.get_xlabel() == 'prediction' and axes.get_ylabel() == 'truth'
    assert [text.get_text() for text in axes.get_xticklabels()] == [*CLASSES]
    assert axes.get_yticklabels()[0].get_text() == 'empty\n85 voxels'
    for swatches in axes.collections:
        np.testing.assert_allclose(swatches.get_facecolors()[:, :3] * 255, PALETTE)
    assert len(axes.collections) == 2
    assert 'percent' in bar.get_ylabel()


def test_a_class_without_voxels_has_no_percent(report):
    report['overall']['confusion'][2] = [0, 0, 0]
    axes = draw_confusion(report, PALETTE).axes[0]
    assert {text.get_position()[1] for text in axes.texts} == {0, 1}


def test_distance_curves_hold_the_numbers(report):
    counts, scores, recall = draw_error_by_distance(report, PALETTE).axes
    assert heights(counts) == [2160, 9]
    assert [
        bar.get_x() + bar.get_width() / 2 for bar in counts.patches
    ] == pytest.approx([0.75, 2.25])
    assert labels_of(scores) == ['accuracy', 'SC IoU', 'SSC mIoU']
    near, far = report['distance']['bins']
    for label, key in (
        ('accuracy', 'accuracy'),
        ('SC IoU', 'sc_iou'),
        ('SSC mIoU', 'ssc_miou'),
    ):
        x, y = curve(scores, label).get_data()
        np.testing.assert_allclose(x, [0.75, 2.25])
        np.testing.assert_allclose(y, [near[key], far[key]])
    assert labels_of(recall) == [*CLASSES]
    for name, colour in zip(CLASSES, PALETTE):
        line = curve(recall, name)
        np.testing.assert_allclose(np.array(to_rgb(line.get_color())) * 255, colour)
        known = [near['recall'][name], far['recall'][name]]
        np.testing.assert_allclose(line.get_ydata(), np.array(known, dtype=float))
    # a gap, not a zero, where there is no chair
    assert np.isnan(curve(recall, 'chair').get_ydata()[1])
    assert recall.get_xlabel().endswith(', m (bins of 0.5 m)')


def test_occlusion_bars_and_depth_curves(report):
    axes = draw_error_by_occlusion(report, PALETTE).axes
    scores, recall, counts, _, depth_recall = axes
    surface, occluded = report['occlusion'].values()
    keys = ('accuracy', 'sc_iou', 'ssc_miou')
    np.testing.assert_allclose(
        heights(scores), [region[key] for region in (surface, occluded) for key in keys]
    )
    np.testing.assert_allclose(
        heights(recall),
        np.array(
            [
                region['recall'][name]
                for region in (surface, occluded)
                for name in CLASSES
            ],
            dtype=float,
        ),
    )
    hatches = [bar.get_hatch() for bar in recall.patches]
    assert hatches == [''] * 3 + ['///'] * 3
    assert labels_of(recall) == ['surface: 9 voxels', 'occluded: 2.2k voxels']
    np.testing.assert_allclose(
        np.array(recall.patches[4].get_facecolor()[:3]) * 255, PALETTE[1]
    )
    assert heights(counts) == [2160]
    assert depth_recall.get_xlabel().endswith('voxels (bins of 2 voxels)')


def test_pictures_can_be_encoded_and_nothing_touches_the_border(report):
    for draw in (draw_confusion, draw_error_by_distance, draw_error_by_occlusion):
        png = encode_figure(draw(report, PALETTE))
        picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
        assert picture.std() > 10
        for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
            assert edge.min() == 255


def test_no_bin_is_said_so(report):
    report['distance']['bins'] = []
    figure = draw_error_by_distance(report, PALETTE)
    assert figure.axes[0].texts[0].get_text() == 'not known in any frame'
    assert encode_figure(figure).startswith(b'\x89PNG')
