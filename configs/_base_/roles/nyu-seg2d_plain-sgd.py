# All but the network of a config that trains on NYU with 2D segmentations by
# plain SGD.
_base_ = [
    '../datasets/nyu-ssc-seg2d.py',
    '../schedules/sgd-poly-1000e.py',
    '../default_runtime.py',
]

# a batch of 16 under SyncBN is 2 on each of 8 GPUs; a checkpoint has 3.4 GB
default_hooks = dict(
    checkpoint=dict(interval=10), effective_batch=dict(base_batch_size=16)
)
