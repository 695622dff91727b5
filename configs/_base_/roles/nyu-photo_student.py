# All but the networks of a config that distils a student on NYU in twenty
# epochs.
_base_ = [
    '../datasets/nyu-ssc_student.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_distillation_runtime.py',
]
