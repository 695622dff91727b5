# All but the network of a config that trains the teacher on NYU with 2D
# segmentations.
_base_ = [
    '../datasets/nyu-ssc-seg2d_teacher.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
