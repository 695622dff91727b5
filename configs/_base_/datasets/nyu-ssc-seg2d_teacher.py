# What the teacher sees of NYU with a 2D segmentation: TSDF-CAD.
_base_ = './nyu-ssc-seg2d.py'

cad_input = dict(dataset=dict(data_prefix=dict(tsdf_path='{twin}/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
