import copy

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.runner.checkpoint import load_state_dict

from cleaners.models.distillers.cleaner_distiller import _same_state
from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net
from cleaners.utils.checkpoint import weights_digest
from cleaners.utils.errors import InputError


def test_losses_are_those_of_both_networks_run_by_hand(distiller):
    inputs, samples = make_ssc_batch()
    distiller.eval()  # no dropout, no flips
    losses = distiller(inputs, samples, mode='loss')

    student, teacher = distiller.student, distiller.teacher
    feats = student.extract_feat(inputs)
    clean = teacher.extract_feat({**inputs, 'tsdf': inputs['tsdf_cad']})
    label = torch.stack([s.gt_voxel_seg.label for s in samples])
    weight = torch.stack([s.gt_voxel_seg.label_weight for s in samples])
    pair = student.decode(dict(feats)), teacher.decode(dict(clean))
    expected = dict(
        **student.loss(inputs, samples),
        loss_kd_surface=0.25
        * (feats['tsdf_feat'] - clean['tsdf_feat']).square().mean(),
        loss_kd_center=distiller.kd_center(*pair, label, weight),
        loss_kd_affinity=distiller.kd_affinity(*pair, label, weight),
    )
    assert set(losses) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)
        assert value > 0


def test_the_teacher_stays_frozen_through_training_steps(distiller):
    before = weights_digest(distiller.teacher)
    student_before = weights_digest(distiller.student)
    distiller.train()
    optimizer = torch.optim.AdamW(
        [p for p in distiller.parameters() if p.requires_grad], lr=0.1
    )
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


@pytest.mark.parametrize(
    'load',
    [
        lambda model, state: model.load_state_dict(state, strict=True),
        lambda model, state: load_state_dict(model, state, strict=True),
    ],
    ids=['torch', 'mmengine'],
)
def test_it_loads_bare_keys_strictly(distiller, load):
    torch.manual_seed(3)
    other = MODELS.build(tiny_ssc_net()).state_dict()
    load(distiller, copy.copy(other))
    assert all(
        torch.equal(value, other[key])
        for key, value in distiller.student.state_dict().items()
    )
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


def share_backbone(teacher_file, **kwargs):
    """Return a distiller whose student starts from the teacher's weights."""
    model = MODELS.build(tiny_distiller(teacher_file, **kwargs))
    model.load_state_dict(torch.load(teacher_file))
    model.load_teacher()
    return model


def count_runs(backbone):
    """Return a list that grows with every run of a backbone."""
    runs = []
    backbone.register_forward_hook(lambda *_: runs.append(1))
    return runs


def test_equal_frozen_backbones_run_once(teacher_file):
    model = share_backbone(teacher_file, backbone_eval=True)
    assert model.teacher.backbone is model.student.backbone
    runs = count_runs(model.student.backbone)
    inputs, samples = make_ssc_batch()
    torch.manual_seed(0)
    losses = model.train()(inputs, samples, mode='loss')
    assert len(runs) == 1

    model.teacher.backbone = copy.deepcopy(model.student.backbone)
    torch.manual_seed(0)
    apart = model(inputs, samples, mode='loss')
    assert len(runs) == 3  # one for each, by the hook and its copy
    assert {k: v.item() for k, v in losses.items()} == {
        k: v.item() for k, v in apart.items()
    }


def test_with_drop_path_only_the_memory_is_shared(teacher_file):
    model = share_backbone(teacher_file)
    pairs = list(
        zip(model.student.backbone.parameters(), model.teacher.backbone.parameters())
    )
    assert pairs and all(a.data_ptr() == b.data_ptr() for a, b in pairs)
    assert not model.teacher.backbone.training
    assert model.train().student.backbone.training


def test_statistics_of_a_norm_are_not_shared(teacher_file):
    """A frozen backbone in training mode moves its own; the teacher's stay."""
    model = share_backbone(teacher_file)
    for network in (model.student, model.teacher):
        network.backbone = torch.nn.BatchNorm2d(3).requires_grad_(False)
    model._share_backbone(model.teacher)
    ours, theirs = model.student.backbone, model.teacher.backbone
    assert ours.weight.data_ptr() == theirs.weight.data_ptr()
    ours.train()(torch.rand(2, 3, 4, 4) + 1)
    assert (ours.running_mean != 0).all() and (theirs.running_mean == 0).all()


def test_a_backbone_of_several_gpus_is_shared():
    ours, theirs = (torch.nn.Sequential(torch.nn.BatchNorm2d(3)) for _ in range(2))
    ours = torch.nn.SyncBatchNorm.convert_sync_batchnorm(ours)
    assert _same_state(ours, theirs)
    ours[0].running_mean += 1
    assert not _same_state(ours, theirs)
    assert not _same_state(torch.nn.Sequential(torch.nn.Identity()), theirs)


def test_another_backbone_is_not_shared(distiller, teacher_file):
    first = next(distiller.student.backbone.parameters())
    assert first.data_ptr() != next(distiller.teacher.backbone.parameters()).data_ptr()
    trained = share_backbone(teacher_file, freeze_backbone=False)
    assert (
        next(trained.student.backbone.parameters()).data_ptr()
        != next(trained.teacher.backbone.parameters()).data_ptr()
    )


@pytest.mark.parametrize('backbone_eval', [True, False])
def test_loading_a_student_leaves_the_teacher_alone(teacher_file, backbone_eval):
    model = share_backbone(teacher_file, backbone_eval=backbone_eval)
    before = weights_digest(model.teacher)
    torch.manual_seed(8)
    model.load_state_dict(MODELS.build(tiny_ssc_net()).state_dict())
    assert weights_digest(model.teacher) == before
    assert not any(module.training for module in model.teacher.modules())


@pytest.mark.parametrize(
    'left_out',
    [
        ('kd_surface',),
        ('kd_center',),
        ('kd_center', 'kd_affinity'),
        ('kd_surface', 'kd_affinity'),
    ],
)
def test_a_loss_that_is_left_out_changes_no_other(teacher_file, left_out):
    keys = dict(
        kd_surface='loss_kd_surface',
        kd_center='loss_kd_center',
        kd_affinity='loss_kd_affinity',
    )
    inputs, samples = make_ssc_batch()
    results = []
    for absent in ((), left_out):
        torch.manual_seed(0)
        model = MODELS.build(
            dict(tiny_distiller(teacher_file), **dict.fromkeys(absent))
        )
        model.load_teacher()
        results.append(model.eval()(inputs, samples, mode='loss'))
    whole, part = results
    assert set(whole) - set(part) == {keys[name] for name in left_out}
    for name, value in part.items():
        assert torch.equal(value, whole[name])


def test_without_semantic_losses_the_teacher_runs_its_tsdf_branch_only(teacher_file):
    model = MODELS.build(
        dict(tiny_distiller(teacher_file), kd_center=None, kd_affinity=None)
    )
    model.load_teacher()
    backbone_runs = count_runs(model.teacher.backbone)
    head_runs = count_runs(model.teacher.decode_head)
    branch_runs = count_runs(model.teacher.tsdf_encoder)
    model(*make_ssc_batch(), mode='loss')
    assert (len(backbone_runs), len(head_runs), len(branch_runs)) == (0, 0, 1)


def test_a_distiller_without_losses_is_refused(teacher_file):
    none = dict.fromkeys(('kd_surface', 'kd_center', 'kd_affinity'))
    with pytest.raises(ValueError, match='without a teacher instead'):
        MODELS.build(dict(tiny_distiller(teacher_file), **none))


@pytest.mark.parametrize(
    'key, value',
    [
        ('grid_size', (8, 8, 8)),
        ('img_size', (16, 32)),
        ('num_classes', 5),
        ('ignore_index', 200),
    ],
)
def test_networks_of_other_sizes_or_classes_are_refused(key, value):
    cfg = tiny_distiller('nowhere.pth')
    cfg['teacher'][key] = value
    with pytest.raises(InputError, match=f'have one {key}, .* and .*'):
        MODELS.build(cfg)


def test_losses_leave_out_what_the_networks_ignore(distiller, teacher_file):
    """Label 200 in place of 255 changes nothing."""
    inputs, samples = make_ssc_batch()
    expected = distiller.eval()(inputs, samples, mode='loss')
    other = MODELS.build(tiny_distiller(teacher_file, ignore_index=200)).eval()
    other.load_teacher()
    other.load_state_dict(distiller.state_dict())
    for sample in samples:
        label = sample.gt_voxel_seg.label
        label[label == 255] = 200
    losses = other(inputs, samples, mode='loss')
    assert other.sizes == other.student.sizes and other.ignore_index == 200
    assert set(losses) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(losses[name], value)
    cfg = tiny_distiller(teacher_file, ignore_index=200)
    cfg['kd_center'] = dict(type='SemanticCenterKDLoss', ignore_index=255)
    with pytest.raises(InputError, match='kd_center.ignore_index is 255, but'):
        MODELS.build(cfg)
