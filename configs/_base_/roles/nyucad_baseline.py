# All but the network of a config that trains on NYUCAD without a teacher.
_base_ = [
    '../datasets/nyucad-ssc.py',
    '../schedules/adamw-cosine-100e.py',
    '../default_runtime.py',
]
