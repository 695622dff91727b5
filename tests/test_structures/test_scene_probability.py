import pytest
import torch

from cleaners.structures import VoxelData
from cleaners.structures.scene_probability import scene_probability


def make_pred(with_void):
    torch.manual_seed(0)
    logits = torch.randn(4, 3, 2, 5)
    label = logits.argmax(0)
    pred = VoxelData(label=label.to(torch.uint8), logits=logits)
    if with_void:
        pred.void = torch.rand(3, 2, 5)
        pred.scene = pred.label.masked_fill(pred.void >= 0.5, 0)
    return pred


@pytest.mark.parametrize('with_void', [False, True])
def test_probabilities_voxel_by_voxel(with_void):
    pred = make_pred(with_void)
    found = scene_probability(pred)
    for index in torch.cartesian_prod(*map(torch.arange, (3, 2, 5))).tolist():
        i, j, k = index
        exps = pred.logits[:, i, j, k].exp()
        parts = exps / exps.sum()
        void = pred.void[i, j, k] if with_void else 0.0
        occupied = (1 - void) * (1 - parts[0])
        assert found.occupied[i, j, k] == pytest.approx(float(occupied), abs=1e-6)
        scene = int((pred.scene if with_void else pred.label)[i, j, k])
        sure = (1 - void) * parts[scene] if scene else 1 - occupied
        assert found.confidence[i, j, k] == pytest.approx(float(sure), abs=1e-6)
    torch.testing.assert_close(found.classes.sum(0), torch.ones(3, 2, 5))
