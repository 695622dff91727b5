# NYU for networks that see no photo: it need not be there.
_base_ = './nyu-ssc.py'

pipeline = [
    dict(type='LoadTSDF'),
    dict(type='LoadVoxelMapping'),
    dict(type='LoadVoxelAnnotations'),
    dict(type='PackSSCInputs', keys=['tsdf', 'tsdf_cad']),
]
no_photo = dict(dataset=dict(data_prefix=dict(img_path=None), pipeline=pipeline))
train_dataloader = no_photo
val_dataloader = no_photo
test_dataloader = no_photo
