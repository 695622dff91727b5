"""Losses of mmseg and mmdet in the place of this project's."""

import mmdet.models  # noqa: F401  (registers its losses)
import pytest
import torch
import torch.nn.functional as F
from mmdet3d.registry import MODELS

import cleaners.register_modules  # noqa: F401
from cleaners.models.losses.row_loss import build_row_loss
from cleaners.testing import make_ssc_batch, tiny_ssc_net
from cleaners.utils.errors import InputError

TARGET = torch.tensor([3, 255, 0, 11, 255, 7])
LOGITS = torch.randn(6, 12, generator=torch.Generator().manual_seed(0))


def test_mmsegs_cross_entropy_sees_what_counts():
    loss = build_row_loss(dict(type='mmseg.CrossEntropyLoss'), 'loss_ssc', 255)
    logits = LOGITS.clone().requires_grad_()
    found = loss(logits, TARGET)
    torch.testing.assert_close(found, F.cross_entropy(LOGITS, TARGET, ignore_index=255))
    nothing = loss(logits, torch.full((6,), 255))
    nothing.backward()
    assert nothing == 0 and not logits.grad.any()


@pytest.mark.parametrize(
    'kind', ['mmseg.CrossEntropyLoss', 'mmdet.CrossEntropyLoss', 'mmseg.TverskyLoss']
)
def test_a_network_trains_by_it(kind):
    cfg = tiny_ssc_net()
    cfg['decode_head']['loss_ssc'] = dict(type=kind, loss_weight=0.5)
    network = MODELS.build(cfg)
    losses = network(*make_ssc_batch(), mode='loss')
    assert losses['loss_ssc'].isfinite() and losses['loss_ssc'] > 0
    losses['loss_ssc'].backward()
    assert network.decode_head.classifier.weight.grad.any()


def test_several_are_refused():
    cfg = tiny_ssc_net()
    cfg['decode_head']['loss_ssc'] = [dict(type='mmseg.CrossEntropyLoss')]
    with pytest.raises(InputError, match='loss_ssc is a list; it should be one loss'):
        MODELS.build(cfg)
