import math

import pytest
import torch
from mmdet3d.registry import MODELS

from cleaners.models.losses import (
    SemanticAffinityKDLoss,
    SemanticCenterKDLoss,
    SmoothCrossEntropyLoss,
    SurfaceKDLoss,
)
from cleaners.utils.errors import InputError


def slow_kd(student, teacher, label, weight):
    """KD-SC and KD-SA with plain loops, before the loss weight."""
    center_total, affinity_total = 0.0, 0.0
    for s, t, lab, wei in zip(student, teacher, label, weight):
        voxels = [
            v
            for v in torch.cartesian_prod(*map(torch.arange, lab.shape))
            if wei[tuple(v)] and lab[tuple(v)] != 255
        ]
        classes = sorted({int(lab[tuple(v)]) for v in voxels} - {0})
        if not classes:
            continue
        centers = {}
        for name, logits in (('s', s), ('t', t)):
            for c in classes:
                rows = [logits[(slice(None), *v)] for v in voxels if lab[tuple(v)] == c]
                centers[name, c] = sum(rows) / len(rows)
        for c in classes:
            p = centers['t', c].softmax(0)
            q = centers['s', c].softmax(0)
            center_total += (p * (p / q).log()).sum() / len(classes)
        errors = []
        for v in voxels:
            for c in classes:
                cos = [
                    torch.dot(x, y) / (x.norm() * y.norm())
                    for x, y in (
                        (s[(slice(None), *v)], centers['s', c]),
                        (t[(slice(None), *v)], centers['t', c]),
                    )
                ]
                errors.append((cos[0] - cos[1]) ** 2)
        affinity_total += sum(errors) / len(errors)
    return center_total / len(label), affinity_total / len(label)


def random_case(seed, batch=2, grid=(3, 2, 4)):
    generator = torch.Generator().manual_seed(seed)
    student, teacher = torch.randn(
        2, batch, 12, *grid, generator=generator, dtype=torch.double
    )
    label = torch.randint(0, 12, (batch, *grid), generator=generator)
    label[torch.rand(label.shape, generator=generator) < 0.2] = 255
    weight = torch.rand(label.shape, generator=generator) < 0.8
    return student, teacher, label, weight


def kd_losses(student, teacher, label, weight):
    return [
        loss(loss_weight=1.0)(student, teacher, label, weight)
        for loss in (SemanticCenterKDLoss, SemanticAffinityKDLoss)
    ]


@pytest.mark.parametrize('seed, batch', [(0, 1), (1, 2), (2, 3)])
def test_kd_losses_equal_the_slow_reference(seed, batch):
    case = random_case(seed, batch)
    for fast, slow in zip(kd_losses(*case), slow_kd(*case)):
        torch.testing.assert_close(fast, slow, rtol=1e-12, atol=0)


def test_kd_losses_with_a_single_class():
    student, teacher, label, weight = random_case(3)
    label[:] = 5
    for fast, slow in zip(
        kd_losses(student, teacher, label, weight),
        slow_kd(student, teacher, label, weight),
    ):
        torch.testing.assert_close(fast, slow, rtol=1e-12, atol=0)


@pytest.mark.parametrize('spoil', ['empty', 'no_weight', 'ignored'])
def test_a_frame_without_objects_adds_nothing(spoil):
    """The rest keeps the divisor of the whole batch, gradients included."""
    student, teacher, label, weight = random_case(4)
    if spoil == 'empty':
        label[1] = 0
    elif spoil == 'no_weight':
        weight[1] = False
    else:
        label[1] = 255
    student.requires_grad_()
    losses = kd_losses(student, teacher, label, weight)
    alone = kd_losses(student[:1], teacher[:1], label[:1], weight[:1])
    for loss, single in zip(losses, alone):
        torch.testing.assert_close(loss, single / 2, rtol=1e-12, atol=0)
        (grad,) = torch.autograd.grad(loss, student, retain_graph=True)
        assert grad[1].abs().max() == 0 and grad[0].abs().max() > 0


def test_no_object_anywhere_gives_zero_and_finite_gradients():
    student, teacher, label, weight = random_case(5)
    student.requires_grad_()
    for loss in kd_losses(student, teacher, torch.zeros_like(label), weight):
        assert loss == 0
        (grad,) = torch.autograd.grad(loss, student)
        assert grad.abs().max() == 0


def test_center_loss_by_hand():
    """One voxel of class 1: the centres are the logits themselves."""
    student = torch.zeros(1, 12, 1, 1, 1)
    teacher = torch.zeros(1, 12, 1, 1, 1)
    teacher[0, 1] = math.log(11.0)  # probability 1/2, the others 1/22 each
    label = torch.ones(1, 1, 1, 1, dtype=torch.long)
    weight = torch.ones(1, 1, 1, 1, dtype=torch.bool)
    expected = 0.5 * math.log(6.0) + 0.5 * math.log(12 / 22)
    loss = SemanticCenterKDLoss(loss_weight=0.25)
    assert loss(student, teacher, label, weight).item() == pytest.approx(
        0.25 * expected, rel=1e-5
    )


def test_affinity_loss_by_hand():
    """Class 1 at e_1; an empty voxel at e_2 (student) or e_1 (teacher)."""
    student, teacher = torch.zeros(2, 1, 12, 2, 1, 1)
    student[0, 1, 0], student[0, 2, 1] = 3.0, 5.0
    teacher[0, 1, 0], teacher[0, 1, 1] = 1.0, 2.0
    label = torch.tensor([1, 0]).view(1, 2, 1, 1)
    weight = torch.ones(1, 2, 1, 1, dtype=torch.bool)
    # affinities: student (1, 0), teacher (1, 1); mean of (0, 1) is 1/2
    loss = SemanticAffinityKDLoss(loss_weight=1.0)
    assert loss(student, teacher, label, weight).item() == pytest.approx(0.5)


def test_surface_loss_is_a_mean_over_all_elements():
    loss = SurfaceKDLoss(loss_weight=0.25)
    student, teacher = torch.zeros(2, 3, 4, 4, 4), torch.ones(2, 3, 4, 4, 4)
    teacher[0] = 3.0
    assert loss(student, teacher).item() == pytest.approx(0.25 * 5.0)
    with pytest.raises(ValueError, match=r'student has \(2, 3.*\(2, 6'):
        loss(student, torch.zeros(2, 6, 4, 4, 4))


def test_surface_gradient_keeps_the_layout():
    """In another one every pass behind it strides through memory."""
    layout = torch.channels_last_3d
    teacher = torch.randn(2, 3, 4, 5, 6).contiguous(memory_format=layout)
    student = torch.randn_like(teacher).requires_grad_()
    loss = SurfaceKDLoss(loss_weight=0.25)(student, teacher)
    # not student.grad: a leaf's is put into the leaf's layout
    grad = torch.autograd.grad(loss, student)[0]
    assert grad.is_contiguous(memory_format=layout)
    torch.testing.assert_close(grad, 0.5 * (student - teacher) / teacher.numel())


def test_cross_entropy_by_hand():
    """Smoothing spreads 0.2 over all 12 classes; 255 does not count."""
    logits = torch.zeros(3, 12)
    logits[:, 4] = 2.0
    target = torch.tensor([4, 0, 255])
    log_z = math.log(11 + math.exp(2.0))
    smooth = 0.2 * (log_z - 2.0 / 12)
    expected = ((0.8 * (log_z - 2.0) + smooth) + (0.8 * log_z + smooth)) / 2
    loss = SmoothCrossEntropyLoss(loss_weight=0.25)
    assert loss(logits, target).item() == pytest.approx(0.25 * expected, rel=1e-6)


@pytest.mark.parametrize('target', [[], [255, 255]])
def test_cross_entropy_without_targets_is_zero(target):
    logits = torch.randn(len(target), 12, requires_grad=True)
    loss = SmoothCrossEntropyLoss()(logits, torch.tensor(target).long())
    loss.backward()
    assert loss == 0 and logits.grad.abs().sum() == 0


def test_class_weights_by_hand():
    logits = torch.tensor([[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]], dtype=torch.double)
    logs = logits.log_softmax(1)
    loss = SmoothCrossEntropyLoss(0.0, class_weight=[1.0, 3.0, 2.0])
    torch.testing.assert_close(
        loss(logits, torch.tensor([0, 1])), -(logs[0, 0] + 3 * logs[1, 1]) / 4
    )


def test_weights_of_other_classes_are_refused():
    loss = SmoothCrossEntropyLoss(class_weight=[1.0, 3.0])
    with pytest.raises(InputError, match='3 classes, but 2 weights'):
        loss(torch.randn(2, 3), torch.tensor([0, 1]))


def test_a_mean_that_is_not_weighted():
    """Over two targets of three; the third, ignored one may count, too."""
    logits = torch.randn(3, 3, dtype=torch.double)
    logs, target = logits.log_softmax(1), torch.tensor([0, 1, 255])
    total = -(logs[0, 0] + 3 * logs[1, 1])
    for count_ignored, divisor in ((False, 2), (True, 3)):
        loss = SmoothCrossEntropyLoss(
            0.0,
            class_weight=[1.0, 3.0, 2.0],
            weighted_mean=False,
            count_ignored=count_ignored,
        )
        torch.testing.assert_close(loss(logits, target), total / divisor)


def test_ignored_targets_may_count_in_the_mean():
    """Two of three targets, over three; of none that counts, 0."""
    logits = torch.randn(3, 4, dtype=torch.double)
    target = torch.tensor([2, 255, 0])
    plain, counting = (
        SmoothCrossEntropyLoss(count_ignored=value, loss_weight=1.5)
        for value in (False, True)
    )
    torch.testing.assert_close(counting(logits, target), plain(logits, target) * 2 / 3)
    counted = target[target != 255]
    assert torch.equal(counting(logits[:2], counted), plain(logits[:2], counted))
    assert counting(logits, torch.full((3,), 255)) == 0


def test_losses_are_registered():
    for name in (
        'SurfaceKDLoss',
        'SemanticCenterKDLoss',
        'SemanticAffinityKDLoss',
        'SmoothCrossEntropyLoss',
    ):
        assert MODELS.build(dict(type=name, loss_weight=2.0)).loss_weight == 2.0
