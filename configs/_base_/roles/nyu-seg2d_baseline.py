# All but the network of a config that trains on NYU with 2D segmentations
# without a teacher.
_base_ = [
    '../datasets/nyu-ssc-seg2d.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
