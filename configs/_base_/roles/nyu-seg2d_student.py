# All but the networks of a config that distils a student on NYU with 2D
# segmentations.
_base_ = [
    '../datasets/nyu-ssc-seg2d_student.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_distillation_runtime.py',
]
