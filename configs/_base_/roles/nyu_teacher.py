# All but the network of a config that trains the teacher on NYU.
_base_ = [
    '../datasets/nyu-ssc_teacher.py',
    '../schedules/adamw-cosine-100e.py',
    '../default_runtime.py',
]
