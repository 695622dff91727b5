# All but the networks of a config that distils a student on NYU.
_base_ = [
    '../datasets/nyu-ssc_student.py',
    '../schedules/adamw-cosine-100e.py',
    '../distillation_runtime.py',
]
