# For small networks, a frame or two at a time: twenty epochs, in bfloat16
# where the processor has it.
_base_ = './adamw-cosine-100e.py'

max_epochs = 20
# type='OptimWrapper' trains in float32 everywhere
optim_wrapper = dict(type='BFloat16OptimWrapper', optimizer=dict(lr=2e-3))
param_scheduler = dict(T_max=max_epochs, convert_to_iter_based=True)
train_cfg = dict(max_epochs=max_epochs)
