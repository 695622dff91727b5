# All but the network of a config that trains on NYU in twenty epochs without
# a teacher.
_base_ = [
    '../datasets/nyu-ssc.py', '../schedules/adamw-cosine-20e.py',
    '../default_runtime.py'
]

default_hooks = dict(effective_batch=dict(base_batch_size=2))
