# All but the network of a config that trains the teacher on NYU without
# photos.
_base_ = [
    '../datasets/nyu-ssc-depth_teacher.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
