# CleanerS in mixed precision, for GPUs from Ampere on: bfloat16 autocast, and
# TensorFloat32 for what stays in float32.
_base_ = './cleaners_b2.py'

optim_wrapper = dict(type='BFloat16OptimWrapper')
default_hooks = dict(runtime=dict(allow_tf32=True))
