# NYU for networks that see a 2D segmentation in place of the photo. Seg2D
# knows the labels of the test frames (`tools/analysis_tools/seg2d_leak.py`).
_base_ = './nyu-ssc.py'

pipeline = [
    dict(type='LoadSeg2D'),
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    dict(type='PackSSCInputs', keys=['tsdf', 'tsdf_cad', 'mapping2d', 'seg2d']),
]
seg2d_input = dict(
    dataset=dict(data_prefix=dict(img_path=None, seg2d_path='Seg2D'), pipeline=pipeline)
)
train_dataloader = seg2d_input
val_dataloader = seg2d_input
test_dataloader = seg2d_input
