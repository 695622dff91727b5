import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

import cv2
import numpy as np
import torch
from torch import Tensor

from ..datasets import nyu
from ..geometry.mapping import mapping_to_image
from ..structures import FrameSizes, SSCDataSample, VoxelData

# No two axes alike, so that an exchanged axis changes a number.
GRID_SIZE = (12, 8, 16)
IMG_SIZE = (32, 64)
NUM_CLASSES = nyu.NUM_CLASSES
SIZES = FrameSizes(GRID_SIZE, IMG_SIZE, NUM_CLASSES)
# of a photo's red, for one label of a pixel: 13 labels, and the 12 classes
_LABEL_STEPS = dict(Seg2D=20, Label2D=20, Pred2D=22)


def tiny_ssc_net(**kwargs: Any) -> dict:
    """Return the config of a network for GRID_SIZE and IMG_SIZE, with D = 8.

    Args:
        **kwargs: Arguments of :obj:`SSCSegmentor`, to replace or to add.
    """
    cfg = dict(
        type='SSCSegmentor',
        grid_size=GRID_SIZE,
        img_size=IMG_SIZE,
        num_classes=NUM_CLASSES,
        channels=8,
        data_preprocessor=dict(
            type='SSCDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        ),
        backbone=dict(
            type='SegFormerMiT',
            embed_dims=8,
            num_layers=[1, 1, 1, 1],
            num_heads=[1, 2, 2, 4],
            drop_path_rate=0.1,
        ),
        head_2d=dict(type='Fusion2DHead', in_channels=[8, 16, 16, 32]),
        voxel_neck=dict(type='VoxelProjectionNeck'),
        tsdf_encoder=dict(type='TSDFEncoder', stem_channels=(3, 4)),
        decode_head=dict(type='SSCHead'),
    )
    cfg.update(kwargs)
    return cfg


def tiny_distiller(teacher_ckpt: str, **kwargs: Any) -> dict:
    """Return the config of a distiller of two tiny networks."""
    return dict(
        type='CleanerDistiller',
        student=tiny_ssc_net(**kwargs),
        teacher=tiny_ssc_net(**kwargs),
        teacher_ckpt=teacher_ckpt,
    )


def make_arrays(seed: int, sizes: FrameSizes = SIZES) -> dict[str, np.ndarray]:
    """Make the arrays of one random frame.

    Returns:
        dict[str, np.ndarray]: ``img`` (H, W, 3) uint8, ``tsdf`` and
        ``tsdf_cad`` (V,) float32, ``mapping`` (V,) int64, ``label`` (V,)
        uint8 with ``ignore_index``, ``label_weight`` (V,) uint8.
    """
    rng = np.random.default_rng(seed)
    num_voxels = int(np.prod(sizes.grid_size))
    num_pixels = int(np.prod(sizes.img_size))
    mapping = np.full(num_voxels, num_pixels, dtype=np.int64)
    seen = rng.choice(num_voxels, num_voxels // 8, replace=False)
    mapping[seen] = rng.choice(num_pixels, len(seen), replace=False)
    label = rng.integers(0, sizes.num_classes, num_voxels).astype(np.uint8)
    label[rng.random(num_voxels) < 0.1] = sizes.ignore_index
    return dict(
        img=rng.integers(0, 256, (*sizes.img_size, 3)).astype(np.uint8),
        tsdf=rng.uniform(-1, 1, num_voxels).astype(np.float32),
        tsdf_cad=rng.uniform(-1, 1, num_voxels).astype(np.float32),
        mapping=mapping,
        label=label,
        label_weight=(rng.random(num_voxels) < 0.7).astype(np.uint8),
    )


def make_ssc_batch(
    batch_size: int = 2, seed: int = 0, sizes: FrameSizes = SIZES
) -> tuple[dict[str, Tensor], list[SSCDataSample]]:
    """Make a preprocessed batch: inputs and samples with ground truth."""
    frames = [make_arrays(seed + i, sizes) for i in range(batch_size)]
    images = np.stack([frame['img'] for frame in frames])
    volumes = {
        key: _stack(frames, key, sizes.grid_size)
        for key in ('tsdf', 'tsdf_cad', 'label', 'label_weight', 'mapping')
    }
    inputs = dict(
        imgs=torch.from_numpy(images).permute(0, 3, 1, 2).float() / 128 - 1,
        tsdf=volumes['tsdf'].unsqueeze(1),
        tsdf_cad=volumes['tsdf_cad'].unsqueeze(1),
        mapping2d=torch.stack(
            [
                torch.from_numpy(mapping_to_image(f['mapping'], sizes.img_size))
                for f in frames
            ]
        ),
    )
    label = volumes['label'].long()
    weight = volumes['label_weight'].bool()
    occluded = volumes['mapping'] == int(np.prod(sizes.img_size))
    samples = [
        SSCDataSample(
            metainfo=dict(sample_idx=f'TNY{i:04d}'),
            gt_voxel_seg=VoxelData(
                label=label[i], label_weight=weight[i], occluded=occluded[i]
            ),
        )
        for i in range(batch_size)
    ]
    return inputs, samples


def _stack(frames: list[dict], key: str, shape: Sequence[int]) -> Tensor:
    stacked = np.stack([frame[key].reshape(shape) for frame in frames])
    return torch.from_numpy(stacked)


def write_tiny_dataset(
    root: Union[str, Path],
    num_train: int = 4,
    num_test: int = 3,
    sizes: FrameSizes = SIZES,
    profile: str = '3dsketch',
    name: str = 'tiny',
) -> None:
    """Write random frames in the on-disk form of NYU.

    Args:
        root (str or Path): Becomes the ``data_root``; the clean twin goes to
            ``<root>_clean``.
        num_train (int): Frames TNY0001 ... of the split 'train'.
        num_test (int): The frames after them, of the split 'test'.
        sizes (FrameSizes): Of every frame; the annotation files name all
            but the classes.
        profile (str): That they name. Defaults to '3dsketch'.
        name (str): Begins the names of the annotation files. Defaults to
            'tiny'.
    """
    root = Path(root)
    twin = root.with_name(root.name + '_clean')
    folders = [root / kind for kind in ('TSDF', 'Mapping', 'Label', *_LABEL_STEPS)]
    folders += [root / f'{split}set' / 'RGB' for split in ('train', 'test')]
    for folder in (*folders, twin / 'TSDF'):
        folder.mkdir(parents=True, exist_ok=True)
    numbers = range(1, num_train + num_test + 1)
    splits = dict(train=numbers[:num_train], test=numbers[num_train:])
    for split, members in splits.items():
        infos = [_write_frame(root, twin, split, n, sizes) for n in members]
        metainfo = dict(
            dataset='tiny',
            profile=profile,
            grid_size=sizes.grid_size,
            img_size=sizes.img_size,
            ignore_index=sizes.ignore_index,
        )
        info = dict(metainfo=metainfo, data_list=infos)
        (root / f'{name}_infos_{split}.json').write_text(json.dumps(info))


def _write_frame(
    root: Path, twin: Path, split: str, number: int, sizes: FrameSizes
) -> dict:
    arrays, volume = make_arrays(number, sizes), f'{number:04d}.npz'
    weight = arrays['label_weight']
    np.savez_compressed(root / 'TSDF' / volume, arrays['tsdf'], weight)
    np.savez_compressed(twin / 'TSDF' / volume, arrays['tsdf_cad'], weight)
    np.savez_compressed(root / 'Mapping' / volume, arrays['mapping'])
    np.savez_compressed(root / 'Label' / volume, arrays['label'])
    photo = f'TNY{number:04d}_rgb.png'
    cv2.imwrite(str(root / f'{split}set' / 'RGB' / photo), arrays['img'])
    for folder, step in _LABEL_STEPS.items():
        cv2.imwrite(
            str(root / folder / f'{number:04d}.png'), arrays['img'][..., 0] // step
        )
    return dict(
        sample_idx=photo[:7],
        img_path=photo,
        tsdf_path=volume,
        tsdf_cad_path=volume,
        mapping_path=volume,
        label_path=volume,
        seg2d_path=f'{number:04d}.png',
        label2d_path=f'{number:04d}.png',
    )


def tiny_runner_cfg(
    data_root: Union[str, Path],
    work_dir: Union[str, Path, None],
    model: dict,
    **kwargs: Any,
) -> dict:
    """Return a whole config: data, model, schedule and hooks for a Runner.

    Args:
        data_root (str or Path): Of :func:`write_tiny_dataset`.
        work_dir (str or Path or None): For logs and checkpoints; None where
            the name of the config's file shall decide, and name the run.
        model (dict): The network.
        **kwargs: Replace top-level settings.
    """
    root = Path(data_root)
    pipeline = [
        dict(type='LoadImageFromFile'),
        dict(type='LoadTSDF'),
        dict(type='LoadVoxelMapping'),
        dict(type='LoadVoxelAnnotations'),
        dict(type='PackSSCInputs'),
    ]
    prefix = dict(
        tsdf_path='TSDF',
        tsdf_cad_path='{twin}/TSDF',
        mapping_path='Mapping',
        label_path='Label',
    )

    def loader(split: str, **options: Any) -> dict:
        dataset = dict(
            type='NYUSSCDataset',
            data_root=str(root),
            ann_file=f'tiny_infos_{split}.json',
            split=split,
            data_prefix=dict(img_path=f'{split}set/RGB', **prefix),
            pipeline=pipeline,
        )
        sampler = dict(type='DefaultSampler', shuffle=split == 'train')
        return dict(num_workers=0, dataset=dataset, sampler=sampler, **options)

    cfg = dict(
        default_scope='mmdet3d',
        custom_imports=dict(
            imports=['cleaners.register_modules'], allow_failed_imports=False
        ),
        model=model,
        train_dataloader=loader('train', batch_size=2),
        val_dataloader=loader('test', batch_size=1),
        test_dataloader=loader('test', batch_size=1),
        val_evaluator=dict(type='SSCMetric'),
        test_evaluator=dict(type='SSCMetric'),
        train_cfg=dict(by_epoch=True, max_epochs=2, val_interval=1),
        val_cfg=dict(),
        test_cfg=dict(),
        optim_wrapper=dict(
            type='OptimWrapper',
            constructor='MergedOptimWrapperConstructor',
            optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
            paramwise_cfg=dict(flat_decay_mult=0.0),
        ),
        default_hooks=dict(
            checkpoint=dict(
                type='CheckpointHook',
                interval=1,
                max_keep_ckpts=2,
                save_best='ssc/mIoU',
                rule='greater',
            ),
            checkpoint_check=dict(type='CheckpointCheckHook'),
            resume_check=dict(type='ResumeCheckHook'),
            finite_check=dict(type='FiniteCheckHook'),
            size_check=dict(type='SizeCheckHook'),
            profile_check=dict(type='ProfileCheckHook'),
            missed_validation=dict(type='MissedValidationHook'),
            epoch_seed=dict(type='EpochSeedHook'),
            effective_batch=dict(type='EffectiveBatchHook'),
            visualization=dict(type='SSCVisualizationHook', draw=False),
        ),
        randomness=dict(seed=0),
        log_level='WARNING',
    )
    if work_dir is not None:
        # to mmengine, runs of one name that begin in one second are one run
        cfg.update(work_dir=str(work_dir), experiment_name=uuid.uuid4().hex)
    cfg.update(kwargs)
    return cfg
