# What distillation reads of the synthetic rooms.
_base_ = './synth-ssc.py'

train_dataloader = dict(dataset=dict(data_prefix=dict(tsdf_cad_path='{twin}/TSDF')))
