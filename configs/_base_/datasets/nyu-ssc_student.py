# What distillation reads of NYU: the sensor's TSDF, and TSDF-CAD beside it.
_base_ = './nyu-ssc.py'

train_dataloader = dict(dataset=dict(data_prefix=dict(tsdf_cad_path='{twin}/TSDF')))
