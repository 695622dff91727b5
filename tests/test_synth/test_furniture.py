import numpy as np
import pytest

from cleaners.datasets import nyu
from cleaners.synth import furniture
from cleaners.synth.furniture_parts import Label

BUILDERS = {
    furniture.make_bed: Label.BED,
    furniture.make_sofa: Label.SOFA,
    furniture.make_table: Label.TABLE,
    furniture.make_chair: Label.CHAIR,
    furniture.make_tv_stand: Label.TVS,
    furniture.make_wardrobe: Label.FURNITURE,
    furniture.make_shelf: Label.FURNITURE,
    furniture.make_nightstand: Label.FURNITURE,
    furniture.make_clutter: Label.OBJECTS,
}


def test_labels_are_the_classes_of_nyu():
    classes = {name.upper(): index for index, name in enumerate(nyu.CLASSES)}
    assert dict(Label.__members__) == dict(classes, IGNORE=nyu.IGNORE_INDEX)


@pytest.mark.parametrize('make', BUILDERS)
def test_parts_stay_inside(make):
    for seed in range(20):
        piece = make(np.random.default_rng(seed))
        for part in piece.parts:
            spans = (part.u, part.v, part.z)
            for span, size in zip(spans, (piece.width, piece.depth, piece.height)):
                assert -1e-9 <= span[0] < span[1] <= size + 1e-9
        assert BUILDERS[make] in {part.label for part in piece.parts}
