# The 2DNet of ssc-net_efflite0.py alone, all of it trained.
_base_ = './ssc-net_efflite0.py'

seg_net = dict(
    type='Segmentor2D',
    data_preprocessor=dict(
        type='mmseg.SegDataPreProcessor',
        mean=_base_.ssc_net.data_preprocessor.mean,
        std=_base_.ssc_net.data_preprocessor.std,
        bgr_to_rgb=True,
        size=(384, 512),
        pad_val=0,
        seg_pad_val=255,
    ),
    backbone=_base_.ssc_net.backbone,
    head_2d=dict(
        type='Fusion2DHead',
        in_channels=_base_.ssc_net.head_2d.in_channels,
        channels=256,
        num_classes=12,
        img_size=(384, 512),
        dropout=0.1,
        loss_2d=dict(
            type='SmoothCrossEntropyLoss',
            loss_weight=1.0,
            # 1 / sqrt(share) of the pixels of NYU's training photos, over
            # that of walls (class 0 does not occur)
            class_weight=[1.0, 3.9, 1.5, 1.0, 2.1, 2.6, 2.5, 3.0, 2.7, 6.3, 1.2, 1.3],
        ),
    ),
)
