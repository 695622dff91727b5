"""What the benchmarks count; no time is judged."""

import math
import mmap

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.registry import init_default_scope

from cleaners.analysis.benchmarks import (
    compute,
    frames,
    inference,
    loader,
    memory,
    metric,
    train,
)
from cleaners.analysis.benchmarks.settings import Settings
from cleaners.apis.inference import init_ssc_model
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE
from cleaners.utils.checkpoint import weights_digest
from cleaners.utils.errors import InputError

CHANNELS = 8
NUM_VOXELS = math.prod(GRID_SIZE)
QUICK = Settings(repeats=2, matmul_size=64)


@pytest.fixture(scope='module')
def workspace(tmp_path_factory):
    """Tiny data, and configs of a network and of a distillation."""
    root = tmp_path_factory.mktemp('benchmark')
    write_tiny_dataset(root / 'Tiny')
    models = dict(plain=tiny_ssc_net(), distill=tiny_distiller('none.pth'))
    for name, model in models.items():
        cfg = tiny_runner_cfg(root / 'Tiny', root / 'run', model)
        Config(cfg).dump(str(root / f'{name}.py'))
    return root


@pytest.fixture
def configs(workspace):
    """The configs, ready to be built."""
    init_default_scope('mmdet3d')
    return {
        name: Config.fromfile(workspace / f'{name}.py') for name in ('plain', 'distill')
    }


@pytest.fixture
def batch(configs):
    """Inputs and data samples of one frame."""
    made = frames.frame_sizes(configs['plain']), 1, 0, 'cpu'
    return frames.random_inputs(*made), frames.random_samples(*made)


def test_the_counted_stages_are_those_counted_by_hand(configs, batch):
    model = init_ssc_model(configs['plain'])
    before = weights_digest(model)
    gflop = compute.count_forward(model, batch[0], inference.STAGES)
    pixels = [math.prod(IMG_SIZE) // 4 ** (scale + 2) for scale in range(4)]
    head = sum(
        count * width * CHANNELS for count, width in zip(pixels, [8, 16, 16, 32])
    )
    head += pixels[0] * CHANNELS * (4 * CHANNELS + 12)
    assert gflop['head_2d'] == pytest.approx(2e-9 * head)
    assert gflop['voxel_neck'] == 0
    # the TSDF branch is its stem and the body of the head, which classifies
    stem = NUM_VOXELS * 27 * (1 * 3 + 3 * 4 + 4 * CHANNELS)
    classifier = NUM_VOXELS * CHANNELS * 12
    assert gflop['tsdf_encoder'] - gflop['decode_head'] == pytest.approx(
        2e-9 * (stem - classifier)
    )
    # the model itself has not run
    assert weights_digest(model) == before and not model.training


def test_attention_is_counted_on_the_cpu():
    query, key, value = (
        torch.rand(2, 3, length, 8, requires_grad=True) for length in (5, 7, 7)
    )
    product = 2 * (2 * 3) * 5 * 7 * 8
    with compute.flop_counter_mode() as counter:
        out = F.scaled_dot_product_attention(query, key, value)
    assert counter.get_total_flops() == 2 * product
    with compute.flop_counter_mode() as counter:
        out.sum().backward()
    # the scores once more, and two products for each of the two
    assert counter.get_total_flops() == 5 * product


def test_a_step_of_distillation_counts_both_networks(configs, batch):
    plain = train.build_trained(configs['plain'], 'cpu')
    both = train.build_trained(configs['distill'], 'cpu')
    forward = compute.count_forward(plain, batch[0])['total']
    step = train.count_training(plain, *batch)
    # both gradients of all but the frozen backbone
    assert 2 * forward < step < 3 * forward
    assert train.count_training(both, *batch) == pytest.approx(step + forward)


def test_the_teacher_has_the_students_backbone_only(configs):
    model = train.build_trained(configs['distill'], 'cpu')
    student, teacher = model.student, model.teacher
    assert weights_digest(student.backbone) == weights_digest(teacher.backbone)
    assert weights_digest(student.tsdf_encoder) != weights_digest(teacher.tsdf_encoder)
    assert model.training and not teacher.training


@pytest.mark.parametrize(
    'name, names',
    [
        ('plain', {'loss', 'loss_ssc', 'loss_2d'}),
        (
            'distill',
            {
                'loss',
                'loss_ssc',
                'loss_2d',
                'loss_kd_surface',
                'loss_kd_center',
                'loss_kd_affinity',
            },
        ),
    ],
)
def test_training_steps(configs, name, names):
    numbers = train.measure_train(configs[name], QUICK)
    assert set(numbers['losses']) == names
    assert all(value > 0 for value in numbers['losses'].values())
    total = numbers['seconds'].pop('total')
    parts = numbers['seconds']
    assert list(parts) == ['forward', 'backward', 'optimizer']
    assert sum(part['min'] for part in parts.values()) <= total['max']
    assert numbers['gflop'] > 0 and numbers['peak_mb'] > 50
    assert numbers['fraction'] == pytest.approx(
        numbers['gflop'] / total['median'] / numbers['matmul_gflop_per_second']
    )
    numbers['seconds'] = dict(parts, total=total)
    assert 'optimizer' in train.format_result(numbers)


def test_diverging_steps_say_nothing(configs):
    configs['plain'].optim_wrapper.optimizer.lr = 1e30
    with pytest.raises(InputError, match='is (nan|inf).* diverge'):
        train.measure_train(configs['plain'], QUICK)


def test_frames_look_like_frames(batch):
    inputs, (sample,) = batch
    voxels = inputs['mapping2d'][inputs['mapping2d'] >= 0]
    assert len(voxels.unique()) == len(voxels) == round(8000 * NUM_VOXELS / 129600)
    places = np.unravel_index(voxels.numpy(), GRID_SIZE)
    assert (np.min(places, axis=0) == 0).all()  # on one of three planes
    for key in ('tsdf', 'tsdf_cad'):
        assert inputs[key].shape == (1, 1, *GRID_SIZE)
        assert -1 <= inputs[key].min() < -0.9 < 0.9 < inputs[key].max() <= 1
    truth = sample.gt_voxel_seg
    assert 0.8 < (truth.label == 0).float().mean() < 0.9
    assert 0 < (truth.label == 255).sum() < 0.1 * NUM_VOXELS
    assert set(truth.label.unique().tolist()) == {*range(12), 255}
    assert 0.35 < truth.label_weight.float().mean() < 0.45


def test_frames_depend_on_the_seed_only(configs, batch):
    sizes = frames.frame_sizes(configs['distill'])
    again = frames.random_inputs(sizes, 1, 0, 'cpu')
    assert all(torch.equal(again[key], batch[0][key]) for key in again)
    other = frames.random_inputs(sizes, 1, 1, 'cpu')
    assert not any(torch.equal(other[key], again[key]) for key in again)


@pytest.mark.parametrize('num_workers', [0, 1])
def test_the_loader_repeats_the_data_that_are_there(configs, workspace, num_workers):
    numbers = loader.measure_loader(
        configs['distill'],
        QUICK._replace(batch_size=2),
        num_workers=num_workers,
        samples=9,
    )
    assert numbers['dataset'] == str(workspace / 'Tiny')
    assert numbers['frames'] == 4
    assert numbers['samples'] == 10  # whole batches
    assert numbers['samples_per_second']['min'] > 0
    assert list(numbers['transforms']) == [
        '0 LoadImageFromFile',
        '1 LoadTSDF',
        '2 LoadVoxelMapping',
        '3 LoadVoxelAnnotations',
        '4 PackSSCInputs',
    ]
    assert min(numbers['transforms'].values()) > 0
    assert 'LoadTSDF' in loader.format_result(numbers)


def test_the_loader_makes_rooms_where_there_are_no_data(configs, repo_root, tmp_path):
    cfg = Config.fromfile(repo_root / 'configs/cleaners_b2.py')
    cfg.train_dataloader.dataset.data_root = str(tmp_path / 'NYU')
    numbers = loader.measure_loader(
        cfg, QUICK._replace(repeats=1, warmup=0), num_workers=0, samples=3, rooms=1
    )
    assert numbers['dataset'] == (f'synthetic rooms (there is no {tmp_path / "NYU"})')
    assert (numbers['frames'], numbers['samples']) == (1, 3)
    assert len(numbers['transforms']) == 9
    assert not (tmp_path / 'NYU').exists()


def test_the_metric_scores_random_frames(configs):
    numbers = metric.measure_metric(configs['plain'], QUICK, frames=5)
    assert numbers['frames'] == 5
    assert numbers['scores'] == 3 + 11 + 1
    for key in ('process', 'compute_metrics'):
        assert 0 < numbers[key]['min'] <= numbers[key]['median']
    assert 'compute_metrics, 5 frames' in metric.format_result(numbers)


def test_the_metric_is_found_among_several(configs):
    scored = configs['plain'].val_evaluator
    configs['plain'].val_evaluator = [dict(type='DumpResults'), scored]
    assert metric.build_metric(configs['plain']).dataset_meta['classes'][1] == 'ceiling'
    configs['plain'].val_evaluator = dict(type='DumpResults')
    with pytest.raises(InputError, match='no SSCMetric'):
        metric.build_metric(configs['plain'])


def test_peak_memory_is_what_was_used():
    memory.reset_peak()
    before = memory.peak_mb()
    assert before > 50
    # from the system, not from what the process has kept
    with mmap.mmap(-1, 200 << 20) as volume:
        volume.write(bytes(200 << 20))
        assert memory.peak_mb() > before + 190
    assert memory.peak_mb() > before + 190
