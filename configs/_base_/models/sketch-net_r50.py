# 3D-Sketch as published: ResNet-50 with a deep stem, dilated, frozen, in eval
# mode; D = 128. Its ImageNet weights: projects/Sketch3D/README.md.
_base_ = './ssc-net_r50.py'

pretrained = 'data/pretrained/resnet50_deep-stem.pth'
# ignored voxels count in the mean
cross_entropy = dict(
    type='SmoothCrossEntropyLoss', label_smoothing=0.0, count_ignored=True
)
ssc_net = dict(
    type='SketchSegmentor',
    channels=128,
    backbone=dict(
        deep_stem=True,
        stem_channels=128,
        multi_grid=(2, 4, 8),
        init_cfg=dict(checkpoint=pretrained),
    ),
    head_2d=dict(loss_2d=None),
    voxel_neck=dict(align_corners=True),
    tsdf_encoder=dict(type='SketchEncoder', cvae=dict(type='SketchCVAE')),
    decode_head=dict(flip_prob=0.0, loss_ssc=cross_entropy),
    init_cfg=dict(
        type='Kaiming', layer=['Conv2d', 'Conv3d'], mode='fan_in', nonlinearity='relu'
    ),
)
