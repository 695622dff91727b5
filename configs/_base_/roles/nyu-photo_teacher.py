# All but the network of a config that trains the teacher on NYU in twenty
# epochs.
_base_ = [
    '../datasets/nyu-ssc_teacher.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
