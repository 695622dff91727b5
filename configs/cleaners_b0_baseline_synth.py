# The small network on synthetic rooms, without distillation.
_base_ = [
    './_base_/models/ssc-net_b0.py', './_base_/datasets/synth-ssc.py',
    './_base_/schedules/adamw-cosine-4e.py', './_base_/default_runtime.py'
]

model = _base_.ssc_net
default_hooks = dict(logger=dict(interval=5))
randomness = dict(seed=0)
