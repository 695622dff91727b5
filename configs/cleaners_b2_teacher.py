# The teacher: the same network on TSDF-CAD.
_base_ = './cleaners_b2_baseline.py'

cad_input = dict(dataset=dict(data_prefix=dict(tsdf_path='../NYUCAD/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
