# NYU with sensor depth: 795 frames to train, 654 to test (data/README.md).
dataset_type = 'NYUSSCDataset'
data_root = 'data/NYU'

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    # the 2D transforms of mmseg move mapping2d with the image
    dict(
        type='RandomApply',
        prob=0.5,
        transforms=[
            dict(
                type='RandomResize',
                scale=(640, 480),
                ratio_range=(0.8, 1.2),
                resize_type='mmseg.Resize',
                keep_ratio=True,
            )
        ],
    ),
    dict(type='mmseg.RandomCrop', crop_size=(480, 640)),
    dict(type='mmseg.RandomFlip', prob=0.5),
    dict(type='mmseg.PhotoMetricDistortion'),
    dict(type='PackSSCInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    dict(type='PackSSCInputs'),
]

train_dataloader = dict(
    batch_size=2,
    num_workers=4,
    # started anew by every epoch, and seeded by it: resuming is exact
    persistent_workers=False,
    worker_init_fn=dict(type='seed_worker'),
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='nyu_infos_train.json',
        split='train',
        data_prefix=dict(
            img_path='trainset/RGB',
            tsdf_path='TSDF',
            mapping_path='Mapping',
            label_path='Label',
        ),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='nyu_infos_test.json',
        split='test',
        data_prefix=dict(
            img_path='testset/RGB',
            depth_path='testset/Depth',
            tsdf_path='TSDF',
            mapping_path='Mapping',
            label_path='Label',
        ),
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
# As usual for NYU, the best epoch is picked on the test split.
test_dataloader = val_dataloader

val_evaluator = dict(type='SSCMetric')
# a test also tells what no score of the usual protocol sees
test_evaluator = [
    val_evaluator,
    dict(type='SSCMetric', protocol='all', prefix='all'),
    dict(type='OccupiedShareMetric'),
]
