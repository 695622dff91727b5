# Photos of NYU with the labels of their pixels (Label2D), which the test split
# is only scored with.
_base_ = './nyu-ssc.py'

crop_size = (384, 512)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadLabel2D'),
    dict(
        type='RandomResize',
        scale=(640, 480),
        ratio_range=(0.7, 1.4),
        resize_type='mmseg.Resize',
        keep_ratio=True,
    ),
    dict(type='mmseg.RandomCrop', crop_size=crop_size),
    dict(type='mmseg.RandomFlip', prob=0.5),
    dict(type='mmseg.PhotoMetricDistortion'),
    dict(type='mmseg.PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadLabel2D'),
    dict(type='mmseg.PackSegInputs'),
]

data_prefix = dict(_delete_=True, img_path='RGB', label2d_path='Label2D')
train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    dataset=dict(ann_file='', data_prefix=data_prefix, pipeline=train_pipeline),
)
val_dataloader = dict(
    num_workers=1,
    dataset=dict(ann_file='', data_prefix=data_prefix, pipeline=test_pipeline),
)
test_dataloader = val_dataloader

val_evaluator = dict(type='mmseg.IoUMetric')
test_evaluator = [val_evaluator]
