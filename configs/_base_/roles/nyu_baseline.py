# All but the network of a config that trains on NYU without a teacher.
_base_ = [
    '../datasets/nyu-ssc.py',
    '../schedules/adamw-cosine-100e.py',
    '../default_runtime.py',
]
