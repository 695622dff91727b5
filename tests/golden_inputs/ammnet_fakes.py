"""Wrong scenes for AMMNet's discriminator, which draws its own in a training."""

import numpy as np

from .scenes import NUM_CLASSES, is_solid
from .streams import Streams

_OBJECTS = NUM_CLASSES - 1


def make_fakes(seed, inputs, prefix='fake'):
    """Scenes with classes exchanged, and voxels erased.

    Args:
        seed (int): Of the draws.
        inputs (dict): Of :func:`golden_inputs.scenes.make_inputs`.
        prefix (str): Fakes of another one are others.

    Returns:
        dict: ``real`` (B, 129600) int64, the classes of what counts and 0
        elsewhere; ``shuffled``, the same where part of the voxels of some
        classes have another one; ``erased`` (B, 129600) bool, objects that
        have no class at all.
    """
    label, weight = inputs['label'], inputs['label_weight']
    real = np.where(is_solid(label) & weight, label, 0)
    draws = [Streams(seed, f'{prefix}{index}') for index in range(len(real))]
    return dict(
        real=real,
        shuffled=np.stack([_shuffle(*pair) for pair in zip(draws, real)]),
        erased=np.stack([_erase(*pair) for pair in zip(draws, label)]),
    )


def _shuffle(draw, real):
    shuffled = real.copy()
    classes = np.unique(real[real != 0])
    count = 1 + draw.integer('/count', 0, len(classes))
    for source in draw.choose('/order', classes, count):
        own = draw.at(f'/class{source}')
        voxels = np.flatnonzero(real == source)
        drawn = int(len(voxels) * _share(own, '/share'))
        # some of them more than once
        picks = own.integers('/voxels', 0, len(voxels), drawn)
        target = 1 + own.integer('/target', 0, _OBJECTS)
        if target == source == 1:
            target = 2 + own.integer('/retarget', 0, _OBJECTS - 1)
        elif target == source:
            target = source - 1
        shuffled[voxels[picks]] = target
    return shuffled


def _erase(draw, label):
    erased = np.zeros(label.shape, bool)
    solid = np.flatnonzero(is_solid(label))
    count = int(len(solid) * _share(draw, '/erase'))
    erased[draw.choose('/erased', solid, count)] = True
    return erased


def _share(draw, name):
    return 0.1 + 0.8 * float(draw.uniform(name, 1)[0])
