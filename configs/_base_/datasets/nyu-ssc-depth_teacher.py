# What the teacher sees of NYU with no photo: TSDF-CAD.
_base_ = './nyu-ssc-depth.py'

cad_input = dict(dataset=dict(data_prefix=dict(tsdf_path='{twin}/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
