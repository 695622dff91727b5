import numpy as np
import pytest
import torch

from cleaners.apis import known_scene
from cleaners.structures import SSCDataSample, VoxelData


@pytest.fixture
def sample():
    """Four voxels: of a class, void, seen to be free, out of view."""
    logits = torch.tensor([[0.0, 0, 0, 0], [3.0, 1, 3, 3]]).view(2, 4, 1, 1)
    void = torch.tensor([0.25, 0.75, 0.25, 0.25]).view(4, 1, 1)
    label = torch.ones(4, 1, 1, dtype=torch.uint8)
    pred = VoxelData(label=label, logits=logits)
    pred.void = void
    pred.scene = label.masked_fill(void > 0.5, 0)
    return SSCDataSample(
        pred_voxel_seg=pred,
        sensor_voxel=VoxelData(
            free=np.array([0, 0, 1, 0], bool).reshape(4, 1, 1),
            outside=np.array([0, 0, 0, 1], bool).reshape(4, 1, 1),
        ),
    )


def test_void_free_and_unseen_voxels(sample):
    scene = known_scene(sample)
    assert scene.label.ravel().tolist() == [1, 0, 0, 255]
    wall = [1 / (1 + np.exp(-z)) for z in (3, 1)]
    np.testing.assert_allclose(
        scene.confidence.ravel(), [0.75 * wall[0], 1 - 0.25 * wall[1], 1, 0], rtol=1e-6
    )
    # the sample is left as it was
    assert sample.pred_voxel_seg.scene.ravel().tolist() == [1, 0, 1, 1]
