# The TSDF alone: no photo, no 2D branch, no projection.
_base_ = './ssc-net.py'

ssc_net = dict(
    data_preprocessor=dict(_delete_=True, type='SSCDataPreprocessor'),
    voxel_neck=None,
    decode_head=dict(loss_void=dict(type='VoidLoss', loss_weight=0.25)))
