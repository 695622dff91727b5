# All but the network of a config that trains the teacher on NYU without
# photos.
_base_ = [
    '../datasets/nyu-ssc-depth_teacher.py', '../schedules/adamw-cosine-20e.py',
    '../default_runtime.py'
]

default_hooks = dict(effective_batch=dict(base_batch_size=2))
