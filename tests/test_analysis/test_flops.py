"""Parameters and FLOPs against those counted by hand."""

import math
from argparse import Namespace

import pytest
import torch
import torch.nn as nn
from mmengine.config import Config

from cleaners.analysis.benchmarks.compute import flop_counter_mode
from cleaners.analysis.benchmarks.settings import read_config
from cleaners.analysis.flops import count_network, format_result
from cleaners.models.layers.convolve import convolve
from cleaners.testing import tiny_distiller, tiny_ssc_net
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE, NUM_CLASSES

CHANNELS, WIDTHS = 8, (8, 16, 16, 32)
NUM_VOXELS = math.prod(GRID_SIZE)
PARTS = ('backbone', 'head_2d', 'voxel_neck', 'tsdf_encoder', 'decode_head')


@pytest.fixture
def count():
    """Count a config."""

    def run(config, *options):
        return count_network(
            read_config(Namespace(config=str(config), cfg_options=options))
        )

    return run


@pytest.fixture
def configs(tmp_path):
    """A tiny network, and its distillation from a wider teacher."""
    models = dict(plain=tiny_ssc_net(), distill=tiny_distiller('none.pth'))
    models['distill']['teacher'] = tiny_ssc_net(channels=16)
    paths = {}
    for name, model in models.items():
        paths[name] = tmp_path / f'{name}.py'
        Config(dict(model=model)).dump(str(paths[name]))
    return paths


def test_the_2d_head_is_counted_by_hand(count, configs):
    numbers = count(configs['plain'])
    head = numbers['parts']['head_2d']
    # a linear layer a scale, the fusion with its norm, the classifier
    linear = sum(WIDTHS) * CHANNELS
    fusion = 4 * CHANNELS * CHANNELS
    classifier = CHANNELS * NUM_CLASSES
    assert (
        head['parameters']
        == head['trainable']
        == (linear + 4 * CHANNELS + fusion + 2 * CHANNELS + classifier + NUM_CLASSES)
    )
    pixels = [math.prod(IMG_SIZE) // 4 ** (scale + 2) for scale in range(4)]
    products = sum(n * width * CHANNELS for n, width in zip(pixels, WIDTHS))
    products += pixels[0] * (fusion + classifier)
    assert head['gflop'] == pytest.approx(2e-9 * products)
    assert numbers['grid_size'] == GRID_SIZE
    assert numbers['img_size'] == IMG_SIZE
    printed = format_result(dict(numbers, config='plain.py'))
    for word in (
        *PARTS,
        'plain.py',
        'total',
        '32 x 64',
        '12 x 8 x 16',
        f'{head["parameters"]:,}',
    ):
        assert word in printed


def test_the_parts_add_up(count, configs):
    numbers = count(configs['plain'])
    assert tuple(numbers['parts']) == PARTS
    for key in ('parameters', 'trainable', 'gflop'):
        parts = [part[key] for part in numbers['parts'].values()]
        assert sum(parts) == pytest.approx(numbers['total'][key])
    # the TSDF branch is its stem and the body of the head, which classifies
    tsdf, head = (numbers['parts'][name] for name in ('tsdf_encoder', 'decode_head'))
    stem = NUM_VOXELS * 27 * (1 * 3 + 3 * 4 + 4 * CHANNELS)
    classifier = NUM_VOXELS * CHANNELS * NUM_CLASSES
    difference = 2e-9 * (stem - classifier)
    assert tsdf['gflop'] - head['gflop'] == pytest.approx(difference)
    assert numbers['parts']['voxel_neck'] == dict(parameters=0, trainable=0, gflop=0)


def test_a_frozen_backbone_is_not_trained(count, configs):
    frozen = count(configs['plain'])
    trained = count(configs['plain'], 'model.freeze_backbone=False')
    assert frozen['parts']['backbone']['trainable'] == 0
    assert frozen['parts']['backbone']['parameters'] > 0
    assert trained['total']['trainable'] == trained['total']['parameters']
    assert trained['total']['parameters'] == frozen['total']['parameters']


def test_a_distillation_stands_for_its_student(count, configs):
    assert count(configs['distill']) == count(configs['plain'])


@pytest.mark.slow
def test_the_full_size_network(count, repo_root):
    """METHOD's arithmetic; what the authors' network uses of its own."""
    numbers = count(repo_root / 'configs/cleaners_b2.py')
    assert numbers['total']['parameters'] == 39042799 - 375552
    gflop = {name: round(part['gflop'], 1) for name, part in numbers['parts'].items()}
    assert gflop == dict(
        backbone=49.0, head_2d=11.4, voxel_neck=0, tsdf_encoder=209.7, decode_head=94.4
    )
    assert round(numbers['total']['gflop'], 1) == 364.5


@pytest.mark.parametrize(
    'changes, parts',
    [
        (
            dict(backbone=None, head_2d=None, voxel_neck=None),
            ['tsdf_encoder', 'decode_head'],
        ),
        (
            dict(
                backbone=dict(type='LabelEmbedding', num_labels=14),
                backbone_input='seg2d',
                head_2d=None,
                freeze_backbone=False,
            ),
            ['backbone', 'voxel_neck', 'tsdf_encoder', 'decode_head'],
        ),
    ],
)
def test_parts_that_a_network_lacks_are_left_out(changes, parts):
    result = count_network(Config(dict(model=tiny_ssc_net(**changes))))
    assert list(result['parts']) == parts
    for key in ('parameters', 'gflop'):
        total = sum(row[key] for row in result['parts'].values())
        assert total == pytest.approx(result['total'][key])


@pytest.mark.parametrize('kind', [nn.Conv3d, nn.ConvTranspose3d])
def test_kernels_called_by_name_are_counted_too(kind):
    """As one sample of a volume runs, where no gradients are needed."""
    conv = kind(6, 4, 3, stride=2, padding=1)
    x = torch.randn(1, 6, 8, 4, 8)
    counts = []
    for with_grad in (True, False):
        with torch.set_grad_enabled(with_grad), flop_counter_mode() as counter:
            convolve(conv, x, conv.weight, conv.bias)
        counts.append(counter.get_total_flops())
    # each number of the smaller side meets the 27 of the kernel
    voxels = math.prod(x.shape[2:]) // (1 if kind is nn.ConvTranspose3d else 8)
    assert counts == [2 * 6 * 4 * 27 * voxels] * 2
