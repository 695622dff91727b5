# The TSDF alone: no photo, no 2D branch, no projection.
_base_ = './ssc-net_small.py'

ssc_net = dict(
    data_preprocessor=dict(_delete_=True, type='SSCDataPreprocessor'), voxel_neck=None
)
