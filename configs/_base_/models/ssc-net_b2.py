# The one network, teacher and student alike (MiT-B2, D = 256). Variants
# change `ssc_net`; the configs put it under `model`.
channels = 256
num_classes = 12
grid_size = (60, 36, 60)
img_size = (480, 640)
pretrained = 'https://download.openmmlab.com/mmsegmentation/v0.5/pretrain/segformer/mit_b2_20220624-66e8bf70.pth'  # noqa: E501

ssc_net = dict(
    type='SSCSegmentor',
    data_preprocessor=dict(
        type='SSCDataPreprocessor',
        img_size=img_size,
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True),
    backbone=dict(
        type='SegFormerMiT',
        embed_dims=64,
        num_layers=[3, 4, 6, 3],
        num_heads=[1, 2, 5, 8],
        sr_ratios=[8, 4, 2, 1],
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=pretrained)),
    freeze_backbone=True,
    neck_2d=dict(
        type='Fusion2DHead',
        in_channels=[64, 128, 320, 512],
        channels=channels,
        num_classes=num_classes,
        img_size=img_size),
    voxel_neck=dict(type='VoxelProjectionNeck', grid_size=grid_size),
    tsdf_encoder=dict(type='TSDFEncoder', channels=channels),
    decode_head=dict(
        type='SSCHead', channels=channels, num_classes=num_classes))
