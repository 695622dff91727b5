# For small networks, as adamw-cosine-20e.py: twenty epochs, in bfloat16 where
# the processor has it.
_base_ = './adversarial-150e.py'

max_epochs = 20
small = dict(type='BFloat16OptimWrapper')
optim_wrapper = dict(
    generator=dict(optimizer=dict(lr=2e-3), **small), discriminator=small
)
param_scheduler = dict(generator=dict(T_max=max_epochs, convert_to_iter_based=True))
train_cfg = dict(max_epochs=max_epochs)
