# CVSformer in the small network with a 2D segmentation, F = 32.
_base_ = './ssc-net_seg2d-d32.py'

ssc_net = dict(
    type='CrossViewSegmentor',
    backbone=dict(type='SemanticStem'),
    voxel_neck=dict(initialize=False),
    tsdf_encoder=dict(type='TSDFStem'),
    decode_head=dict(type='CrossViewHead'),
)
