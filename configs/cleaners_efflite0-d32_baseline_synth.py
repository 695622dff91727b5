# The small network on synthetic rooms, on noisy TSDF without distillation.
_base_ = ['./_base_/models/ssc-net_efflite0-d32.py', './_base_/roles/synth_baseline.py']

model = _base_.ssc_net
