# The runtime of a distilled student that is trained on a CPU, as
# small_runtime.py; what a config must give: distillation_runtime.py.
_base_ = './distillation_runtime.py'

default_hooks = dict(
    effective_batch=dict(base_batch_size=2), runtime=dict(keep_freed_mb=32)
)
