# The network on noisy TSDF, without distillation.
_base_ = [
    './_base_/models/ssc-net_b2.py', './_base_/datasets/nyu-ssc.py',
    './_base_/schedules/adamw-cosine-100e.py', './_base_/default_runtime.py'
]

model = _base_.ssc_net
