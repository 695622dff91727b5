# All but the network of a config that trains on NYU in twenty epochs without
# a teacher.
_base_ = [
    '../datasets/nyu-ssc.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
