# All but the network of a config that trains the teacher on the synthetic
# rooms.
_base_ = [
    '../datasets/synth-ssc_teacher.py', '../schedules/adamw-cosine-4e.py',
    '../default_runtime.py'
]

default_hooks = dict(
    logger=dict(interval=5), effective_batch=dict(base_batch_size=1))
