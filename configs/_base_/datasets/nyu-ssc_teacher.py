# What the teacher sees of NYU: TSDF-CAD in place of the sensor's.
_base_ = './nyu-ssc.py'

cad_input = dict(dataset=dict(data_prefix=dict(tsdf_path='{twin}/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
