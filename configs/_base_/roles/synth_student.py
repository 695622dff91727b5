# All but the networks of a config that distils a student on the synthetic
# rooms.
_base_ = [
    '../datasets/synth-ssc_student.py',
    '../schedules/adamw-cosine-5e.py',
    '../small_distillation_runtime.py',
]

default_hooks = dict(logger=dict(interval=5))
