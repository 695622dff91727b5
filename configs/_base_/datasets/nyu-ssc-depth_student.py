# What distillation reads of NYU with no photo: TSDF-CAD beside the sensor's.
_base_ = './nyu-ssc-depth.py'

train_dataloader = dict(dataset=dict(data_prefix=dict(tsdf_cad_path='{twin}/TSDF')))
