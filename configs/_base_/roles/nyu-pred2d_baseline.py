# All but the network of a config that trains on NYU with labels of the 2DNet
# without a teacher.
_base_ = [
    '../datasets/nyu-ssc-pred2d.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
