# What distillation reads of NYUCAD: its depth is clean already, so teacher
# and student see the same.
_base_ = './nyucad-ssc.py'

train_dataloader = dict(dataset=dict(data_prefix=dict(tsdf_cad_path='TSDF')))
