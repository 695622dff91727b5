# All but the network of a config that trains the teacher on the synthetic
# rooms.
_base_ = [
    '../datasets/synth-ssc_teacher.py',
    '../schedules/adamw-cosine-5e.py',
    '../small_runtime.py',
]

default_hooks = dict(logger=dict(interval=5))
