"""The example of docs/extending.md: its code is the page's, and it works."""

import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from doc_pages import ROOT, code_blocks
from mmdet3d.registry import DATASETS, MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from cleaners.structures import FrameSizes
from cleaners.testing import (
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE, SIZES
from cleaners.utils.checkpoint import load_strictly
from cleaners.utils.errors import InputError

EXAMPLE = ROOT / 'docs' / 'examples' / 'gatenet'
IMPORTS = ['cleaners.register_modules', 'gatenet.register_modules']


@pytest.fixture(scope='module', autouse=True)
def gatenet():
    """The package, registered once."""
    sys.path.insert(0, str(EXAMPLE))
    import gatenet.register_modules

    yield gatenet
    sys.path.remove(str(EXAMPLE))


@pytest.fixture(autouse=True)
def default_scope():
    init_default_scope('mmdet3d')
    torch.manual_seed(0)


def tiny_gatenet():
    head = dict(type='GatedSSCHead', loss_ssc=dict(type='FocalVoxelLoss'))
    return tiny_ssc_net(decode_head=head)


def test_the_page_shows_the_files():
    files = [path.read_text() for path in EXAMPLE.rglob('*.py')]
    blocks = [
        code for page, _, code in code_blocks('python') if page == 'docs/extending.md'
    ]
    assert len(blocks) == 6
    for code in blocks:
        assert any(code.strip() in text for text in files), code


def test_the_config_of_an_installed_package_is_the_same(monkeypatch):
    monkeypatch.setenv('CLEANERS_CONFIGS', str(ROOT / 'configs'))
    first, second = (
        Config.fromfile(EXAMPLE / f'configs/gatenet_{name}.py')
        for name in ('efflite0-d32', 'installed')
    )
    assert first.to_dict() == second.to_dict()


def test_the_loss_without_focus_is_cross_entropy():
    logits = torch.randn(50, 12, dtype=torch.float64)
    target = torch.randint(0, 12, (50,))
    target[::7] = 255
    plain = MODELS.build(dict(type='FocalVoxelLoss', gamma=0, loss_weight=0.5))
    expected = 0.5 * F.cross_entropy(logits, target, ignore_index=255)
    torch.testing.assert_close(plain(logits, target), expected)
    # by hand: two classes, probabilities 3/4 and 1/4
    two = torch.tensor([[3.0, 1.0], [1.0, 3.0]]).log()
    focal = MODELS.build(dict(type='FocalVoxelLoss'))
    by_hand = -(np.log(0.75) * 0.25**2 + np.log(0.25) * 0.75**2) / 2
    assert focal(two, torch.tensor([0, 0])).item() == pytest.approx(by_hand, rel=1e-6)


def test_a_batch_without_targets_gives_no_loss_and_no_nan():
    logits = torch.randn(4, 12, requires_grad=True)
    loss = MODELS.build(dict(type='FocalVoxelLoss'))(logits, torch.full((4,), 255))
    loss.backward()
    assert loss.item() == 0 and not logits.grad.any()


def test_the_gate_is_what_the_docstring_says():
    head = MODELS.build(dict(type='GatedSSCHead', channels=8, num_classes=12)).eval()
    volume, surface = torch.randn(2, 1, 8, 4, 8, 4)
    with torch.no_grad():
        weight = head.gate.weight.flatten(1)
        gate = torch.einsum('ij,bjxyz->bixyz', weight, surface)
        gate = (gate + head.gate.bias[:, None, None, None]).sigmoid()
        expected = head(volume * gate + surface)
        torch.testing.assert_close(head.decode([volume, surface]), expected)
    with pytest.raises(InputError, match='needs a backbone and a tsdf_encoder'):
        head.decode([volume])


def test_the_method_trains_and_its_checkpoint_loads(tmp_path):
    write_tiny_dataset(tmp_path / 'data', 2, 1)
    cfg = tiny_runner_cfg(
        tmp_path / 'data',
        tmp_path / 'run',
        tiny_gatenet(),
        custom_imports=dict(imports=IMPORTS, allow_failed_imports=False),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        val_dataloader=None,
        val_evaluator=None,
        val_cfg=None,
    )
    cfg['default_hooks']['checkpoint']['save_best'] = None
    for split in ('train', 'test'):
        # collects garbage, which takes a while
        cfg[f'{split}_dataloader']['dataset']['serialize_data'] = False
    runner = Runner.from_cfg(Config(cfg))
    before = runner.model.decode_head.gate.weight.clone()
    runner.train()
    assert not torch.equal(runner.model.decode_head.gate.weight, before)
    load_strictly(MODELS.build(tiny_gatenet()), str(tmp_path / 'run/epoch_1.pth'))


def test_the_data_set_lists_its_frames(tmp_path):
    sizes = FrameSizes(GRID_SIZE, IMG_SIZE, 5)
    write_tiny_dataset(tmp_path, 2, 1, sizes)
    rows = ['frame,photo', '0001,TNY0001_rgb.png', '0002,TNY0002_rgb.png']
    (tmp_path / 'train.csv').write_text('\n'.join(rows) + '\n')
    steps = ('LoadImageFromFile', 'LoadTSDF', 'LoadVoxelMapping')
    dataset = DATASETS.build(
        dict(
            type='OfficeSSCDataset',
            data_root=str(tmp_path),
            metainfo=dict(grid_size=GRID_SIZE, img_size=IMG_SIZE),
            data_prefix=dict(
                img_path='trainset/RGB',
                tsdf_path='TSDF',
                mapping_path='Mapping',
                label_path='Label',
            ),
            pipeline=[
                *[dict(type=step) for step in steps],
                dict(type='LoadVoxelAnnotations'),
                dict(type='PackSSCInputs'),
            ],
        )
    )
    assert [dataset[i]['data_samples'].sample_idx for i in (0, 1)] == ['0001', '0002']
    label = dataset[0]['data_samples'].gt_voxel_seg.label
    with np.load(tmp_path / 'Label/0001.npz') as file:
        np.testing.assert_array_equal(label.numpy().ravel(), file['arr_0'])
    assert FrameSizes.of_dataset(dataset.metainfo).differences(SIZES) == [
        ('num_classes', 5, 12)
    ]


def test_the_config_changes_the_head_alone():
    ours = Config.fromfile(EXAMPLE / 'configs/gatenet_efflite0-d32.py')
    base = Config.fromfile(ROOT / 'configs/cleaners_efflite0-d32_baseline.py')
    assert ours.custom_imports.imports == IMPORTS
    assert ours.model.decode_head.pop('type') == 'GatedSSCHead'
    assert ours.model.decode_head.pop('loss_ssc') == dict(type='FocalVoxelLoss')
    for key in ('type', 'loss_ssc'):
        base.model.decode_head.pop(key)
    for key in ('model', 'train_dataloader', 'optim_wrapper', 'default_hooks'):
        assert ours[key] == base[key]
