# What distillation reads of NYU with a 2D segmentation: TSDF-CAD, too.
_base_ = './nyu-ssc-seg2d.py'

train_dataloader = dict(dataset=dict(data_prefix=dict(tsdf_cad_path='{twin}/TSDF')))
