# All but the networks of a config that distils a student on NYUCAD.
_base_ = [
    '../datasets/nyucad-ssc_student.py',
    '../schedules/adamw-cosine-100e.py',
    '../distillation_runtime.py',
]
