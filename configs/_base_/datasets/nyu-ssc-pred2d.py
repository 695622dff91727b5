# NYU for networks that see labels of the 2DNet in place of the photo. None of
# them is of a network that was trained on the frame
# (tools/misc/predict_seg2d.py).
_base_ = './nyu-ssc-seg2d.py'

pipeline = [
    dict(type='LoadSeg2D', num_labels=12),
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    dict(type='PackSSCInputs', keys=['tsdf', 'tsdf_cad', 'mapping2d', 'seg2d']),
]
pred2d_input = dict(
    dataset=dict(data_prefix=dict(seg2d_path='Pred2D'), pipeline=pipeline)
)
train_dataloader = pred2d_input
val_dataloader = pred2d_input
test_dataloader = pred2d_input
