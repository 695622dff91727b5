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


@pytest.mark.parametrize('kind', ['mmseg.CrossEntropyLoss', 'mmdet.CrossEntropyLoss'])
def test_their_cross_entropy_is_a_mean_of_what_counts(kind):
    loss = build_row_loss(dict(type=kind, loss_weight=0.5), 'loss_ssc', 255)
    logits = LOGITS.clone().requires_grad_()
    found = loss(logits, TARGET)
    expected = F.cross_entropy(LOGITS, TARGET, ignore_index=255)
    torch.testing.assert_close(found, 0.5 * expected)
    nothing = loss(logits, torch.full((6,), 255))
    nothing.backward()
    assert nothing == 0 and not logits.grad.any()


def test_a_loss_of_regions_sees_one_region():
    found = build_row_loss(dict(type='mmseg.TverskyLoss'), 'loss_ssc', 255)(
        LOGITS, TARGET
    )
    counts = TARGET != 255
    image = LOGITS[counts].T[None, :, :, None]
    expected = MODELS.build(dict(type='mmseg.TverskyLoss'))(
        image, TARGET[counts][None, :, None]
    )
    torch.testing.assert_close(found, expected)
    assert found > 0.1


def test_a_network_trains_by_it():
    cfg = tiny_ssc_net()
    cfg['decode_head']['loss_ssc'] = dict(type='mmseg.CrossEntropyLoss')
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
