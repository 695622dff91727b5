"""The 2DNet alone, on logits that are known."""

import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F
from mmdet3d.registry import MODELS
from mmengine.structures import PixelData
from mmseg.structures import SegDataSample

import cleaners.register_modules  # noqa: F401
from cleaners.models.segmentors.segmentor_2d import Segmentor2D

# wider than high, so that nothing can be exchanged unseen
SIZE = (4, 6)
LABEL = torch.tensor([[1, 2, 3, 4, 5, 255]] * 3 + [[11, 10, 9, 8, 7, 6]])


class KnownLogits(nn.Module):
    """Stands for a head: the same logits whatever it sees."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.logits = torch.randn(1, 12, *SIZE, generator=generator)
        self.loss_2d = MODELS.build(dict(type='SmoothCrossEntropyLoss'))

    def forward(self, feats):
        return None, self.logits.clone()


@pytest.fixture
def network():
    return Segmentor2D(dict(type=nn.Identity), dict(type=KnownLogits))


def make_sample():
    sample = SegDataSample(gt_sem_seg=PixelData(data=LABEL[None]))
    sample.set_metainfo(dict(img_shape=SIZE, ori_shape=SIZE, padding_size=(0,) * 4))
    return sample


def test_the_loss_is_that_of_the_labelled_pixels(network):
    found = network.loss(torch.zeros(1, 3, *SIZE), [make_sample()])
    expected = F.cross_entropy(
        network.head_2d.logits, LABEL[None], ignore_index=255, label_smoothing=0.2
    )
    torch.testing.assert_close(found['loss_2d'], expected)


def test_no_pixel_is_empty(network):
    logits = network.head_2d.logits
    logits[:, 0] = 100
    (sample,) = network.predict(torch.zeros(1, 3, *SIZE), [make_sample()])
    expected = 1 + logits[0, 1:].argmax(0)
    assert torch.equal(sample.pred_sem_seg.data[0], expected)
