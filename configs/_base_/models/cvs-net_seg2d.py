# CVSformer as published: F = 128, no augmentation of the volumes.
_base_ = './ssc-net.py'

# ten times the published ones; the mean is over all voxels that count, those
# without a label among them
cross_entropy = dict(
    type='SmoothCrossEntropyLoss',
    label_smoothing=0.0,
    class_weight=[
        0.10820392313388523,
        4.585814244886793,
        0.411831291920445,
        0.4826918042332931,
        3.3162496143513116,
        2.2373353821746247,
        2.9245436211701445,
        1.4780323293364819,
        1.6258443136359715,
        10.0,
        0.254366993244824,
        0.5126348601814225,
    ],
    weighted_mean=False,
    count_ignored=True,
)
ssc_net = dict(
    type='CrossViewSegmentor',
    channels=128,  # F
    data_preprocessor=dict(_delete_=True, type='SSCDataPreprocessor'),
    backbone=dict(type='SemanticStem', num_labels=14),
    backbone_input='seg2d',
    freeze_backbone=False,
    voxel_neck=dict(initialize=False),
    tsdf_encoder=dict(type='TSDFStem'),
    # view_mode='public' for weights of the authors (projects/CVSformer)
    decode_head=dict(type='CrossViewHead', flip_prob=0.0, loss_ssc=cross_entropy),
    init_cfg=[
        dict(
            type='Kaiming',
            layer=['Conv1d', 'Conv3d'],
            mode='fan_in',
            nonlinearity='relu',
        ),
        dict(type='TruncNormal', layer='Linear', std=0.02),
    ],
)
