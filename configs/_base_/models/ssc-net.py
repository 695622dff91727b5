# The one network, teacher and student alike, without its 2D backbone. The
# files beside it add a backbone; the configs put `ssc_net` under `model`.
# Sizes and classes are those of NYU; every part gets what it needs from here.
ssc_net = dict(
    type='SSCSegmentor',
    grid_size=(60, 36, 60),  # sideways, height, depth
    img_size=(480, 640),  # (H, W)
    num_classes=12,
    ignore_index=255,
    channels=256,  # D
    data_preprocessor=dict(
        type='SSCDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    ),
    freeze_backbone=True,
    voxel_neck=dict(type='VoxelProjectionNeck'),
    tsdf_encoder=dict(type='TSDFEncoder'),
    decode_head=dict(type='SSCHead'),
)
