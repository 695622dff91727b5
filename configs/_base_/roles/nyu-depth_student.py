# All but the networks of a config that distils a student on NYU without
# photos.
_base_ = [
    '../datasets/nyu-ssc-depth_student.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_distillation_runtime.py',
]
