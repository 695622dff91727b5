# What the teacher sees of the synthetic rooms.
_base_ = './synth-ssc.py'

cad_input = dict(dataset=dict(data_prefix=dict(tsdf_path='{twin}/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
