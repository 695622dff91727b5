import copy

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.runner.checkpoint import load_state_dict

from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.utils.checkpoint import weights_digest
from cleaners.utils.errors import InputError


@pytest.fixture
def teacher_file(tmp_path):
    torch.manual_seed(7)
    path = tmp_path / 'teacher.pth'
    torch.save(MODELS.build(tiny_ssc_net()).state_dict(), path)
    return str(path)


@pytest.fixture
def distiller(teacher_file):
    model = MODELS.build(tiny_distiller(teacher_file))
    model.load_teacher()
    return model


def test_losses_are_those_of_both_networks_run_by_hand(distiller):
    inputs, samples = make_ssc_batch()
    distiller.eval()  # no dropout, no flips
    losses = distiller(inputs, samples, mode='loss')

    student, teacher = distiller.student, distiller.teacher
    feats = student.extract_feat(inputs)
    clean = teacher.extract_feat({**inputs, 'tsdf': inputs['tsdf_cad']})
    label = torch.stack([s.gt_voxel_seg.label for s in samples])
    weight = torch.stack([s.gt_voxel_seg.label_weight for s in samples])
    pair = student.decode(feats), teacher.decode(clean)
    expected = dict(
        **student.loss(inputs, samples),
        loss_kd_t=0.25 *
        (feats['tsdf_feat'] - clean['tsdf_feat']).square().mean(),
        loss_kd_sc=distiller.kd_center(*pair, label, weight),
        loss_kd_sa=distiller.kd_affinity(*pair, label, weight))
    assert set(losses) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)
        assert value > 0


def test_the_teacher_stays_frozen_through_training_steps(distiller):
    before = weights_digest(distiller.teacher)
    student_before = weights_digest(distiller.student)
    distiller.train()
    optimizer = torch.optim.AdamW(
        [p for p in distiller.parameters() if p.requires_grad], lr=0.1)
    for seed in range(3):
        inputs, samples = make_ssc_batch(seed=seed)
        optimizer.zero_grad()
        sum(distiller(inputs, samples, mode='loss').values()).backward()
        optimizer.step()
    assert weights_digest(distiller.teacher) == before
    assert weights_digest(distiller.student) != student_before
    assert not any(m.training for m in distiller.teacher.modules())
    assert all(p.grad is None for p in distiller.teacher.parameters())
    owned = {id(p) for p in distiller.parameters()}
    assert not owned & {id(p) for p in distiller.teacher.parameters()}


def test_its_state_is_the_students_state(distiller):
    state = distiller.state_dict()
    plain = MODELS.build(tiny_ssc_net())
    assert list(state) == list(plain.state_dict())
    plain.load_state_dict(state, strict=True)
    assert weights_digest(plain) == weights_digest(distiller.student)


@pytest.mark.parametrize('load', [
    lambda model, state: model.load_state_dict(state, strict=True),
    lambda model, state: load_state_dict(model, state, strict=True)
], ids=['torch', 'mmengine'])
def test_it_loads_bare_keys_strictly(distiller, load):
    torch.manual_seed(3)
    other = MODELS.build(tiny_ssc_net()).state_dict()
    load(distiller, copy.copy(other))
    assert all(
        torch.equal(value, other[key])
        for key, value in distiller.student.state_dict().items())
    other['surplus'] = other.pop('decode_head.classifier.bias')
    with pytest.raises(RuntimeError, match='surplus'):
        load(distiller, other)


def test_prediction_needs_no_teacher():
    model = MODELS.build(tiny_distiller('nowhere.pth')).eval()
    inputs, samples = make_ssc_batch()
    model(inputs, samples, mode='predict')
    logits = model(inputs, mode='tensor')
    assert (samples[1].pred_voxel_seg.label == logits[1].argmax(0)).all()


def test_the_teacher_moves_with_the_distiller(distiller):
    distiller.double()
    assert next(distiller.teacher.parameters()).dtype == torch.double


def test_loss_without_a_teacher_or_clean_tsdf_is_refused(distiller):
    inputs, samples = make_ssc_batch()
    inputs.pop('tsdf_cad')
    with pytest.raises(InputError, match='data_prefix.tsdf_cad_path'):
        distiller(inputs, samples, mode='loss')
    unbound = MODELS.build(tiny_distiller('nowhere.pth'))
    with pytest.raises(RuntimeError, match='TeacherHook'):
        unbound(inputs, samples, mode='loss')


def test_a_teacher_that_does_not_fit_is_refused(teacher_file, tmp_path):
    cfg = tiny_distiller(teacher_file)
    cfg['teacher'] = tiny_ssc_net(channels=12)
    with pytest.raises(InputError, match=r"teacher\.pth' does not fit"):
        MODELS.build(cfg).load_teacher()
    cfg['teacher_ckpt'] = str(tmp_path)
    with pytest.raises(InputError, match='not found'):
        MODELS.build(cfg).load_teacher()
    truncated = tmp_path / 'truncated.pth'
    with open(teacher_file, 'rb') as file:
        truncated.write_bytes(file.read()[:5000])
    cfg['teacher_ckpt'] = str(truncated)
    with pytest.raises(InputError, match=r"truncated\.pth' is damaged"):
        MODELS.build(cfg).load_teacher()
