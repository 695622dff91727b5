"""Inputs of single parts: losses, projection and metrics."""

import numpy as np

from .scenes import GRID, IGNORE, IMAGE, NUM_CLASSES, enlarge, known, make_inputs
from .streams import Streams

LOSS_CASES = ('base', 'ignore_inside', 'absent_class', 'empty_only', 'no_weight')
# how much the teacher prefers the first classes, whatever is there
_PREFERENCE = np.zeros((NUM_CLASSES, 1, 1, 1))
_PREFERENCE[:4, 0, 0, 0] = 1.5, 0.25, 0.5, 0.75


def make_loss_case(case, seed, batch=2, channels=16):
    """Outputs of a student and a teacher, and the labels of a case.

    Args:
        case (str): One of ``LOSS_CASES``: ``ignore_inside`` has weight where
            the label is 255, the others have not; in the last frame
            ``absent_class`` has no windows and televisions, ``empty_only`` has
            weight on empty voxels alone, ``no_weight`` has none.
        seed (int): Of the draws.
        batch (int): B.
        channels (int): C, of the features.

    Returns:
        dict: ``student3d``, ``teacher3d`` (B, 12, 60, 36, 60), ``student2d``
        (B, 12, 480, 640), ``student_feat``, ``teacher_feat``
        (B, C, 60, 36, 60), float32; ``label``, ``label_weight``, ``mapping``,
        ``mapping2d``, see :func:`make_inputs`.
    """
    scene = make_inputs(seed, batch, prefix='loss')
    label, weight = _labels_of_case(case, scene)
    kept = {key: scene[key] for key in ('mapping', 'mapping2d')}
    outputs = _draw_outputs(Streams(seed), scene['label'], batch, channels)
    return dict(outputs, label=label, label_weight=weight, **kept)


def _draw_outputs(draw, label, batch, channels):
    truth = known(label)[:, None] == np.arange(NUM_CLASSES)[:, None]
    truth = truth.reshape(batch, NUM_CLASSES, *GRID)
    teacher = 0.9 * draw.normal('teacher3d', truth.shape) + 3.0 * truth + _PREFERENCE
    own = 1.1 * draw.normal('student3d', truth.shape)
    student = 0.45 * teacher + own + 0.5 * truth + 0.5 * _PREFERENCE
    features = draw.normal('feat', (batch, channels, *GRID))
    others = 0.8 * features + 0.5 * draw.normal('sfeat', features.shape)
    outputs = dict(
        student3d=student,
        teacher3d=teacher,
        student2d=1.2 * draw.normal('student2d', (batch, NUM_CLASSES, *IMAGE)),
        student_feat=others.clip(min=0),
        teacher_feat=features.clip(min=0),
    )
    return {name: value.astype(np.float32) for name, value in outputs.items()}


def _labels_of_case(case, scene):
    label, weight = scene['label'].copy(), scene['label_weight'].copy()
    weight[label == IGNORE] = case == 'ignore_inside'
    last = label[-1]
    if case == 'absent_class':
        last[np.isin(last, (4, 9))] = 0
    elif case == 'empty_only':
        weight[-1] &= last == 0
    elif case == 'no_weight':
        weight[-1] = False
    elif case not in LOSS_CASES:
        raise ValueError(f'case {case!r} is none of {LOSS_CASES}')
    return label, weight


def make_projection_case(seed, batch=2, channels=8):
    """A feature map, half of it 0 as after a ReLU, and where it goes.

    Returns:
        dict: ``feat`` (B, C, 120, 160) float32; ``mapping2d``.
    """
    draw = Streams(seed, 'proj')
    patches = draw.normal('/patch', (batch, channels, 15, 20))
    grain = draw.normal('/grain', (batch, channels, 120, 160))
    feat = 0.5 * grain + enlarge(patches, 1, 1, 8, 8)
    scene = make_inputs(seed, batch, prefix='proj')
    return dict(feat=feat.clip(min=0).astype(np.float32), mapping2d=scene['mapping2d'])


def make_metric_case(seed, samples=3):
    """Predictions, in part right, and the labels that they are scored by.

    Returns:
        dict: ``pred`` (S, 129600) and ``pred2d`` (S, 480, 640) int64, classes;
        ``label``, ``label_weight``, ``mapping``, ``mapping2d``.
    """
    draw = Streams(seed, 'metric')
    scene = make_inputs(seed, samples, prefix='metric')
    label, voxels = scene['label'], scene['mapping2d']
    truth = known(label)
    # a voxel off, and now and then any class
    pred = np.roll(truth.reshape(-1, *GRID), (1, 1), axis=(1, 3))
    other = draw.integers('/other', 0, NUM_CLASSES, pred.shape)
    pred = np.where(draw.uniform('/wrong', pred.shape) < 0.12, other, pred)
    pred2d = draw.integers('/guess2d', 0, NUM_CLASSES, voxels.shape)
    for index in range(samples):
        mapped = voxels[index] >= 0
        right = truth[index][voxels[index][mapped]]
        is_right = draw.uniform(f'/keep{index}', right.shape) < 0.7
        pred2d[index][mapped] = np.where(is_right, right, pred2d[index][mapped])
    return dict(
        pred=pred.reshape(samples, -1),
        pred2d=pred2d,
        label=label,
        label_weight=scene['label_weight'] | (label == IGNORE),
        mapping=scene['mapping'],
        mapping2d=voxels,
    )
