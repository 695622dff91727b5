# All but the network of a config that trains on NYU without photos without a
# teacher.
_base_ = [
    '../datasets/nyu-ssc-depth.py',
    '../schedules/adamw-cosine-20e.py',
    '../small_runtime.py',
]
