# Photos of NYU with the labels of their pixels (Label2D), which the test split
# is only scored with.
dataset_type = 'NYUSSCDataset'
data_root = 'data/NYU'
crop_size = (384, 512)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadLabel2D'),
    dict(
        type='RandomResize',
        scale=(640, 480),
        ratio_range=(0.7, 1.4),
        resize_type='mmseg.Resize',
        keep_ratio=True),
    dict(type='mmseg.RandomCrop', crop_size=crop_size),
    dict(type='mmseg.RandomFlip', prob=0.5),
    dict(type='mmseg.PhotoMetricDistortion'),
    dict(type='mmseg.PackSegInputs')
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadLabel2D'),
    dict(type='mmseg.PackSegInputs')
]

train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    persistent_workers=False,
    worker_init_fn=dict(type='seed_worker'),
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='train',
        data_prefix=dict(img_path='RGB', label2d_path='Label2D'),
        pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        split='test',
        data_prefix=dict(img_path='RGB', label2d_path='Label2D'),
        test_mode=True,
        pipeline=test_pipeline))
test_dataloader = val_dataloader

val_evaluator = dict(type='mmseg.IoUMetric')
test_evaluator = val_evaluator
