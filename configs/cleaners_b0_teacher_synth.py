# The small teacher: the same network on TSDF-CAD.
_base_ = './cleaners_b0_baseline_synth.py'

cad_input = dict(
    dataset=dict(data_prefix=dict(tsdf_path='../SynthRoomsCAD/TSDF')))
train_dataloader = cad_input
val_dataloader = cad_input
test_dataloader = cad_input
