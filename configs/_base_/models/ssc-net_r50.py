# ResNet-50 after 3D-Sketch: output stride 16, frozen, with torchvision's
# ImageNet weights. In eval mode, so that no running statistics move; teacher
# and student then share it. Output stride 8: strides (1, 2, 1, 1), dilations
# (1, 1, 2, 4).
_base_ = './ssc-net.py'

pretrained = 'https://download.pytorch.org/models/resnet50-0676ba61.pth'
ssc_net = dict(
    backbone=dict(
        type='DilatedResNet',
        depth=50,
        out_indices=(3,),
        strides=(1, 2, 2, 1),
        dilations=(1, 1, 1, 2),
        init_cfg=dict(type='Pretrained', checkpoint=pretrained),
    ),
    backbone_eval=True,
    head_2d=dict(type='Reduction2DHead', in_channels=2048),
)
