# The one network, teacher and student alike, without its 2D backbone (D = 256
# on the grid of NYU). The files beside it add a backbone; the configs put
# `ssc_net` under `model`.
channels = 256
num_classes = 12
grid_size = (60, 36, 60)
img_size = (480, 640)

ssc_net = dict(
    type='SSCSegmentor',
    data_preprocessor=dict(
        type='SSCDataPreprocessor',
        img_size=img_size,
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True),
    freeze_backbone=True,
    head_2d=dict(
        channels=channels, num_classes=num_classes, img_size=img_size),
    voxel_neck=dict(type='VoxelProjectionNeck', grid_size=grid_size),
    tsdf_encoder=dict(type='TSDFEncoder', channels=channels),
    decode_head=dict(
        type='SSCHead', channels=channels, num_classes=num_classes))
