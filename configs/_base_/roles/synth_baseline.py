# All but the network of a config that trains on the synthetic rooms without a
# teacher.
_base_ = [
    '../datasets/synth-ssc.py',
    '../schedules/adamw-cosine-5e.py',
    '../small_runtime.py',
]

default_hooks = dict(logger=dict(interval=5))
