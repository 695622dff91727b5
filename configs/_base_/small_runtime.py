# The runtime of a network that is trained on a CPU, two frames at a time. Its
# volumes are small: their memory is kept for the next one.
_base_ = './default_runtime.py'

default_hooks = dict(
    effective_batch=dict(base_batch_size=2), runtime=dict(keep_freed_mb=32)
)
