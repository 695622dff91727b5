# All but the network of a config that trains on NYU by plain SGD, without
# augmentation.
_base_ = [
    '../datasets/nyu-ssc_plain.py',
    '../schedules/sgd-poly-250e.py',
    '../default_runtime.py',
]
