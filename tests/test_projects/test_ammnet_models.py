"""AMMNet's head, discriminator and trainer."""

import copy

import pytest
import torch
from mmdet3d.registry import MODELS
from tiny_ammnet import SIZES, seed_for, tiny_batch, tiny_generator, tiny_trainer
from torch.nn.modules.batchnorm import _BatchNorm

from ammnet.models import SceneDiscriminator
from ammnet.models.layers import FeatureModulation, ModulatedDecoder
from ammnet.models.scene_display import SceneDisplay
from ammnet.models.verdicts import verdict_loss
from cleaners.models.layers import AS_IT_IS, GridSymmetry
from cleaners.testing import tiny_ssc_net
from cleaners.utils.errors import InputError


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(0)


def build(cfg):
    return MODELS.build(cfg).train()


def settle(module):
    """Let BatchNorm use its running statistics, alike in every pass."""
    for layer in module.modules():
        if isinstance(layer, _BatchNorm):
            layer.eval()
    return module


def test_modulation_follows_its_formula():
    layer = FeatureModulation(3).double()
    x, guide = torch.randn(2, 1, 3, 2, 2, 2, dtype=torch.double)
    flat = guide.flatten(2)[0]

    def conv(part):
        return (part.weight.flatten(1) @ flat + part.bias[:, None]).view_as(x)

    expected = x * (1 + conv(layer.gate).sigmoid()) + conv(layer.shift)
    torch.testing.assert_close(layer(x, guide), expected, rtol=0, atol=1e-14)


def test_decoder_is_wired_as_described():
    """AMMNet (CVPR 2024), its decoder, step by step over the same layers."""
    body = settle(ModulatedDecoder(8).double())
    volume, guide = torch.randn(2, 1, 8, 8, 4, 12, dtype=torch.double)
    first, second, third = body.modulations
    half = body.stage1(first(volume, guide))
    guide_half = body.guide_down(guide)
    assert guide_half.shape == half.shape
    up = second(body.up1(body.stage2(half)) + half, guide_half)
    expected = third(body.up2(up), body.guide_up(guide_half))
    torch.testing.assert_close(body(volume, guide), expected)
    assert body.guide_down[1].expand[0].out_channels == 16


@pytest.mark.parametrize(
    'view',
    [GridSymmetry((2,), False), GridSymmetry((2, 4), True), GridSymmetry((), True)],
)
def test_head_sees_both_volumes_in_one_view(view):
    head = settle(build(tiny_generator(head=dict(dropout=0.0))).decode_head)
    volumes = list(torch.randn(2, 1, 8, 12, 8, 24))
    drawn = 2 in view.flips, 4 in view.flips, view.exchanges
    torch.manual_seed(seed_for(*drawn))
    seen = head.decode(list(volumes))
    assert head.last_view == view
    plain = head.eval()(*map(view.apply, volumes))
    torch.testing.assert_close(seen, view.undo(plain))
    assert not torch.allclose(seen, head(*volumes))


def test_head_draws_no_view_in_eval_mode():
    head = build(tiny_generator()).decode_head.eval()
    assert list(head._choose_views()) == [AS_IT_IS]
    head.exchange_prob, head.flip_prob = 1.0, 1.0
    assert head.train()._choose_views() == [GridSymmetry((2, 4), True)]
    assert list(head.eval()._choose_views()) == [AS_IT_IS]


def test_checkpointing_changes_no_number():
    inputs, samples = tiny_batch()
    found = []
    for with_cp in (False, True):
        torch.manual_seed(0)
        net = build(tiny_generator(head=dict(with_cp=with_cp)))
        torch.manual_seed(1)
        sum(net.loss(inputs, samples).values()).backward()
        grads = [p.grad for p in net.parameters() if p.grad is not None]
        found.append([*grads, *net.state_dict().values()])
    assert all(map(torch.equal, *found))


def test_a_network_without_a_photo_is_refused():
    net = MODELS.build(tiny_generator(backbone=None, head_2d=None, voxel_neck=None))
    with pytest.raises(InputError, match='a backbone and a tsdf_encoder'):
        net.encode_decode(tiny_batch()[0])


def test_discriminator_sees_order_and_place():
    net = SceneDiscriminator((12, 24, 12), 3, 4).eval()
    assert net.linear.in_features == 8 * 1 * 2 * 1
    scene = torch.randn(2, 3, 12, 24, 12)
    verdict = net(scene)
    assert verdict.shape == (2, 1)
    feats = net.blocks(net.stem(scene))
    assert feats.shape == (2, 8, 1, 2, 1)
    # channel, x, y, z
    flat = torch.stack(
        [
            feats[:, c, x, y, z]
            for c in range(8)
            for x in range(1)
            for y in range(2)
            for z in range(1)
        ],
        1,
    )
    expected = net.logit(net.linear(flat).clamp(min=0))
    torch.testing.assert_close(verdict, expected)


@pytest.mark.parametrize(
    'grid, channels, match',
    [
        ((12, 8, 24), 4, r'grid_size should be divisible by 12.*\(12, 8, 24\)'),
        ((12, 12, 24), 6, r'channels should be divisible by 4'),
    ],
)
def test_discriminator_refuses_what_it_cannot_divide(grid, channels, match):
    with pytest.raises(InputError, match=match):
        SceneDiscriminator(grid, 12, channels)


@pytest.fixture
def trainer():
    return build(tiny_trainer())


def test_the_generator_learns_from_a_verdict_that_it_cannot_change(trainer):
    losses = trainer.loss(*tiny_batch())
    assert set(losses) == {'loss_ssc', 'loss_2d', 'loss_adv'}
    losses['loss_adv'].backward()
    grads = [p.grad for p in trainer.discriminator.parameters()]
    assert grads == [None] * len(grads)
    assert all(p.requires_grad for p in trainer.discriminator.parameters())
    weight = trainer.generator.tsdf_encoder.stem[0][0].weight
    assert weight.grad.abs().sum() > 0


def test_the_discriminator_learns_without_the_generator(trainer):
    losses = trainer.discriminator_loss(*tiny_batch())
    sum(losses.values()).backward()
    assert all(p.grad is not None for p in trainer.discriminator.parameters())
    assert all(p.grad is None for p in trainer.generator.parameters())


def test_the_verdict_is_on_what_is_given_out(trainer):
    """On logits that are brought back, as mask and ground truth are."""
    inputs, samples = tiny_batch()
    trainer.generator.decode_head.exchange_prob = 1.0
    losses, logits = trainer.loss_and_logits(inputs, samples)
    assert logits.shape[2:] == SIZES.grid_size
    weight = torch.stack([s.gt_voxel_seg.label_weight for s in samples])
    masked = torch.where(weight[:, None], logits, 0.0)
    verdict = trainer.discriminator(masked)
    expected = 0.005 * -verdict.sigmoid().log().mean()
    torch.testing.assert_close(losses['loss_adv'], expected)


def test_a_void_logit_is_not_judged():
    head = dict(loss_void=dict(type='VoidLoss'))
    trainer = build(tiny_trainer(tiny_generator(head=head)))
    losses, logits = trainer.loss_and_logits(*tiny_batch())
    assert logits.shape[1] == 13 and 'loss_adv' in losses
    assert trainer.discriminator.stem.in_channels == 12


def test_a_frame_without_objects_is_neither_shuffled_nor_erased(trainer):
    """It would be taught as false what ``loss_real`` teaches as true."""
    inputs, samples = tiny_batch()
    full = trainer.eval().discriminator_loss(inputs, samples)
    assert full['loss_shuffled'] > 0 and full['loss_erased'] > 0
    for count, sample in enumerate(samples, 1):
        sample.gt_voxel_seg.label.zero_()
        losses = trainer.discriminator_loss(inputs, samples)
        assert all(loss.isfinite() for loss in losses.values())
        for fake in ('shuffled', 'erased'):
            assert (losses[f'loss_{fake}'] == 0) == (count == 2)
        assert losses['loss_real'] > 0


def test_a_frame_of_which_nothing_is_shuffled_is_left_out(trainer):
    """A share of one voxel is none."""
    inputs, samples = tiny_batch()
    for sample in samples:
        label = sample.gt_voxel_seg.label.zero_()
        label[0, 0, 0] = 3
        sample.gt_voxel_seg.label_weight[0, 0, 0] = True
    losses = trainer.eval().discriminator_loss(inputs, samples)
    assert losses['loss_shuffled'] == 0 and losses['loss_real'] > 0


def test_frames_that_do_not_count_add_nothing():
    verdict = torch.tensor([[1.0], [2.0], [-3.0]])
    counts = torch.tensor([True, False, True])
    wanted = (
        torch.log1p(torch.tensor(1.0).exp()) + torch.log1p(torch.tensor(-3.0).exp())
    ) / 3
    torch.testing.assert_close(verdict_loss(verdict, False, counts), wanted)


def test_what_the_discriminator_is_shown():
    label = torch.tensor([[[[0, 2], [1, 2]]]])
    weight = torch.tensor([[[[False, True], [True, True]]]])
    erased = torch.tensor([[[[False, False], [False, True]]]])

    def rows(scene):
        return scene.flatten(2)[0].T.tolist()

    published = SceneDisplay(3, softmax=False, common_mask=False)
    shown = published.show_labels(label, weight, torch.float64, erased)
    assert rows(shown) == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 0]]
    masked = SceneDisplay(3, softmax=True, common_mask=True)
    shown = masked.show_labels(label, weight, torch.float32)
    assert rows(shown) == [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 0, 1]]
    logits = torch.randn(1, 3, 1, 2, 2)
    raw = published.show_prediction(logits, weight)
    sure = masked.show_prediction(logits, weight)
    assert torch.equal(raw[..., 1, :], logits[..., 1, :])
    torch.testing.assert_close(sure.sum(1), weight.float())
    assert not raw[..., 0, 0].any() and not sure[..., 0, 0].any()


@pytest.mark.parametrize(
    'generator, match',
    [
        (tiny_ssc_net(grid_size=(12, 12, 12)), 'needs a ModulatedSSCHead, but'),
        (tiny_generator(), r'axis are equal.*\(12, 12, 24\)'),
    ],
)
def test_a_view_that_cannot_be_shown_is_refused(generator, match):
    with pytest.raises(InputError, match=match):
        MODELS.build(tiny_trainer(generator, aligned=False))


def test_its_state_is_that_of_the_network(trainer):
    """The discriminator keeps its own when weights are loaded."""
    plain = build(tiny_generator())
    state = plain.state_dict()
    assert list(trainer.state_dict()) == list(state)
    own = copy.deepcopy(trainer.own_state_dict())
    trainer.load_state_dict(state)
    assert all(
        torch.equal(value, state[key])
        for key, value in trainer.generator.state_dict().items()
    )
    for key, value in trainer.own_state_dict().items():
        assert torch.equal(value, own[key])
    assert trainer.sizes == SIZES and trainer.num_classes == 12
    with pytest.raises(RuntimeError, match='Missing key'):
        trainer.load_state_dict(dict(list(state.items())[1:]))


def test_another_discriminator_is_refused(trainer):
    other = build(tiny_trainer())
    trainer.load_own_state_dict(other.own_state_dict())
    for key, value in trainer.own_state_dict().items():
        assert torch.equal(value, other.own_state_dict()[key])
    wide = tiny_trainer()
    wide['discriminator']['channels'] = 8
    with pytest.raises(
        InputError,
        match='trained with another discriminator: it has '
        r"\{'discriminator.stem.weight': \(8, 12, 1, 1, 1\)",
    ):
        trainer.load_own_state_dict(MODELS.build(wide).own_state_dict())
