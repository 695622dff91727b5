"""Several processes compute what one would: gradients and scores."""

from types import SimpleNamespace

import pytest
import torch
import torch.nn as nn
from forked_processes import run_ranks
from mmdet3d.registry import MODELS
from mmengine.dataset import DefaultSampler
from mmengine.dist import get_dist_info, is_distributed
from mmengine.hooks import CheckpointHook, EMAHook
from mmengine.model import ExponentialMovingAverage
from mmengine.registry import init_default_scope
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks
from torch.nn.parallel import DistributedDataParallel

import cleaners.register_modules  # noqa: F401
from cleaners.datasets.nyu_ssc_dataset import NYUSSCDataset
from cleaners.engine.hooks import SyncStatisticsHook
from cleaners.evaluation import SSCMetric
from cleaners.models.losses import SmoothCrossEntropyLoss
from cleaners.structures import SSCDataSample, VoxelData
from cleaners.testing import make_ssc_batch, tiny_distiller, tiny_ssc_net


def build_model(cfg):
    """Return a model in double precision, with nothing random in it.

    In eval mode BatchNorm does not depend on the batch, nothing is dropped
    and nothing flipped; losses and gradients are what they are in training.
    """
    init_default_scope('mmdet3d')
    torch.manual_seed(0)
    model = MODELS.build(cfg).eval().double()
    if hasattr(model, 'load_teacher'):
        model.load_teacher()
    return model


def make_frames(spoil):
    """Return two frames of different numbers of targets, as one batch."""
    inputs, samples = make_ssc_batch(2)
    inputs = {
        key: value.double() if value.is_floating_point() else value
        for key, value in inputs.items()
    }
    truth = samples[1].gt_voxel_seg
    if spoil == 'few':
        truth.label_weight[2:] = False
    else:
        truth.label[:] = 255
    return inputs, samples


def backward(model, inputs, samples):
    losses = model(inputs, samples, mode='loss')
    sum(loss.mean() for loss in losses.values()).backward()


def gradients_of(model):
    return {
        name: parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }


def gradients(cfg, spoil, frames):
    """Return the gradients of some frames; of one of them if distributed."""
    model = build_model(cfg)
    inputs, samples = make_frames(spoil)
    wrapped = model
    if is_distributed():
        wrapped = DistributedDataParallel(model)
        frames = [get_dist_info()[0]]
    backward(
        wrapped,
        {key: value[frames] for key, value in inputs.items()},
        [samples[frame] for frame in frames],
    )
    return gradients_of(model)


def largest_difference(first, second):
    """Largest difference of two sets of gradients, over the largest one."""
    assert first.keys() == second.keys()
    scale = max(value.abs().max() for value in first.values())
    return (
        max((value - second[key]).abs().max() for key, value in first.items()) / scale
    )


@pytest.fixture(params=['segmentor', 'distiller'])
def model_cfg(request, teacher_ckpt):
    if request.param == 'segmentor':
        return tiny_ssc_net()
    return tiny_distiller(teacher_ckpt)


@pytest.mark.parametrize('spoil', ['few', 'none'])
def test_gradients_are_those_of_one_process(model_cfg, spoil, tmp_path):
    """Also where a process has no target at all."""
    first, second = run_ranks(2, tmp_path, gradients, model_cfg, spoil, None)
    assert all(torch.equal(first[key], second[key]) for key in first)
    together = gradients(model_cfg, spoil, [0, 1])
    assert largest_difference(together, first) < 1e-6
    # a mean over each process's own targets would be something else
    alone = [gradients(model_cfg, spoil, [frame]) for frame in (0, 1)]
    mean = {key: (alone[0][key] + alone[1][key]) / 2 for key in together}
    assert largest_difference(together, mean) > 1e-2


def reduced_numbers(cfg):
    """Return what distributed training makes of a distiller."""
    model = build_model(cfg)
    wrapped = DistributedDataParallel(model)
    reduced = []

    def count(state, bucket):
        reduced.append(bucket.buffer().numel())
        return default_hooks.allreduce_hook(state, bucket)

    wrapped.register_comm_hook(None, count)
    backward(wrapped, *make_frames('few'))
    return dict(
        reduced=sum(reduced),
        gradients=sum(grad.numel() for grad in gradients_of(model).values()),
        teacher=len(gradients_of(model.teacher)),
        buffers=[name for name, _ in wrapped.named_buffers()],
        state=list(wrapped.module.state_dict()),
    )


def test_the_teacher_takes_no_part(teacher_ckpt, tmp_path):
    """Only what the student trains has gradients, and is reduced."""
    student = MODELS.build(tiny_ssc_net())
    trained = sum(p.numel() for p in student.parameters() if p.requires_grad)
    for counted in run_ranks(
        2, tmp_path, reduced_numbers, tiny_distiller(teacher_ckpt)
    ):
        assert counted['reduced'] == counted['gradients'] == trained
        assert counted['teacher'] == 0
        assert len(counted['buffers']) == len(list(student.buffers()))
        assert counted['state'] == list(student.state_dict())


def cross_entropy(targets):
    """Return loss and gradient of the targets of this process."""
    target = torch.tensor(targets[get_dist_info()[0]])
    logits = torch.arange(12.0).repeat(len(target), 1).requires_grad_()
    loss = SmoothCrossEntropyLoss()(logits, target)
    loss.backward()
    return loss.detach(), logits.grad


def test_cross_entropy_is_a_mean_over_all_targets(tmp_path):
    targets = [[3, 11, 255], [255, 255], [7, 7, 7, 7]]
    rows = torch.arange(12.0).repeat(6, 1).requires_grad_()
    loss = nn.functional.cross_entropy(
        rows, torch.tensor([3, 11, 7, 7, 7, 7]), label_smoothing=0.2
    )
    loss.backward()

    parts = run_ranks(3, tmp_path, cross_entropy, targets)
    torch.testing.assert_close(sum(part[0] for part in parts) / 3, loss)
    grad = torch.cat([part[1] for part in parts]) / 3
    known = torch.tensor([target < 255 for row in targets for target in row])
    torch.testing.assert_close(grad[known], rows.grad)
    assert not grad[~known].any()


# three times it, divided by three, is another number
CONSTANT = 123.675


def averaged_statistics(is_by_epoch):
    """Return statistics of a norm, of a frozen one and of their average's copies."""
    rank = get_dist_info()[0]
    norm, frozen = nn.BatchNorm1d(2), nn.BatchNorm1d(2).eval()
    norm.running_mean[:] = torch.tensor([rank, 10.0 * rank])
    norm.running_var[:] = 2.0**rank
    norm.register_buffer('constant', torch.tensor(CONSTANT))
    frozen.running_mean[:] = CONSTANT
    average = EMAHook()
    model = nn.Sequential(norm, frozen)
    average.ema_model = ExponentialMovingAverage(model)
    writing = CheckpointHook(interval=2, by_epoch=False)
    hook = SyncStatisticsHook()
    runner = SimpleNamespace(model=model, hooks=[writing, average])
    runner.iter, runner.max_iters = 0, 9
    hook.before_val(runner)  # nothing was trained
    hook.after_train_iter(runner)  # nothing is written
    assert norm.running_mean[0] == rank
    if is_by_epoch:
        hook.after_train_epoch(runner)
    else:
        runner.iter = 1
        hook.after_train_iter(runner)
    hook.before_val(runner)
    return [dict(m.named_buffers()) for m in (model, average.ema_model.module)]


@pytest.mark.parametrize('is_by_epoch', [True, False])
def test_statistics_are_averaged_and_constants_are_not(tmp_path, is_by_epoch):
    """Nor are the statistics of frozen norms."""
    constant = torch.tensor(CONSTANT)
    assert (constant + constant + constant) / 3 != constant
    for found in sum(run_ranks(3, tmp_path, averaged_statistics, is_by_epoch), []):
        assert found['0.running_mean'].tolist() == [1.0, 10.0]
        torch.testing.assert_close(found['0.running_var'], torch.full((2,), 7 / 3))
        assert found['0.constant'] == constant
        assert (found['1.running_mean'] == constant).all()


def scores(num_frames):
    """Score random predictions of the frames that the sampler gives."""
    metric = SSCMetric()
    metric.dataset_meta = NYUSSCDataset.METAINFO
    for frame in DefaultSampler(range(num_frames), shuffle=False):
        generator = torch.Generator().manual_seed(frame)
        label, pred = torch.randint(
            12, (2, 6, 4, 5), generator=generator, dtype=torch.uint8
        )
        weight, occluded = torch.rand(2, 6, 4, 5, generator=generator) < 0.7
        sample = SSCDataSample(
            gt_voxel_seg=VoxelData(label=label, label_weight=weight, occluded=occluded),
            pred_voxel_seg=VoxelData(label=pred),
        )
        metric.process({}, [sample.to_dict()])
    return metric.evaluate(num_frames)


@pytest.mark.parametrize('world_size, num_frames', [(2, 5), (3, 7)])
def test_scores_are_those_of_one_process(world_size, num_frames, tmp_path):
    """The sampler pads with frames that it has given already."""
    expected = scores(num_frames)
    assert expected['ssc/mIoU'] > 0
    for found in run_ranks(world_size, tmp_path, scores, num_frames):
        assert found == expected
