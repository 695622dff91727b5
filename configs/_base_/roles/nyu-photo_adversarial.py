# All but the network of a config that trains on NYU in twenty epochs against
# a discriminator.
_base_ = [
    '../datasets/nyu-ssc.py',
    '../schedules/adversarial-20e.py',
    '../adversarial_runtime.py',
]

# as small_runtime.py
default_hooks = dict(
    effective_batch=dict(base_batch_size=2), runtime=dict(keep_freed_mb=32)
)
