# A data set of your own, with other photos, another grid and other classes
# (docs/data_preparation.md): copy this file and put in your numbers.
_base_ = './cleaners_efflite0-d32_baseline_synth.py'

data_root = 'data/Custom'
img_size = (240, 320)  # (H, W)
grid_size = (40, 20, 32)  # sideways, height, depth; multiples of 4
metainfo = dict(
    classes=('empty', 'structure', 'seat', 'table', 'other'),
    palette=(
        (22, 191, 206),
        (158, 216, 229),
        (204, 204, 91),
        (30, 119, 181),
        (196, 175, 214),
    ),
    grid_size=grid_size,
    img_size=img_size,
    voxel_size=0.12,
)  # metres

model = dict(
    grid_size=grid_size,
    img_size=img_size,
    num_classes=len(metainfo['classes']),
    # those of NYU's classes do not fit; 1 / sqrt(share) of yours may help
    decode_head=dict(loss_ssc=dict(class_weight=None)),
)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    dict(
        type='RandomResize',
        scale=img_size[::-1],
        ratio_range=(0.8, 1.2),
        resize_type='mmseg.Resize',
        keep_ratio=True,
    ),
    dict(type='mmseg.RandomCrop', crop_size=img_size),
    dict(type='mmseg.RandomFlip', prob=0.5),
    dict(type='PackSSCInputs'),
]
train_dataloader = dict(
    dataset=dict(
        data_root=data_root,
        ann_file='custom_infos_train.json',
        metainfo=metainfo,
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(
        data_root=data_root, ann_file='custom_infos_test.json', metainfo=metainfo
    )
)
test_dataloader = val_dataloader
