# What the small networks have beyond the paper's
# (docs/experiments/small_networks.md): a logit that tells what is void; losses
# that rare classes count in.
_base_ = './ssc-net.py'

ssc_net = dict(
    decode_head=dict(
        loss_ssc=dict(
            type='SmoothCrossEntropyLoss',
            # 1 / sqrt(share) in the training frames of NYU, of the voxels
            # that count; over that of the empty class
            class_weight=[1.0, 9.4, 2.6, 2.8, 7.8, 6.2, 4.0, 5.0, 5.3, 15.8, 2.0, 2.9],
        ),
        loss_iou=dict(type='mmseg.LovaszLoss', reduction='none'),
        loss_void=dict(type='VoidLoss', loss_weight=0.25),
    )
)
