# A short schedule for a handful of synthetic rooms; validated at the end.
_base_ = './adamw-cosine-100e.py'

max_epochs = 4
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = dict(T_max=max_epochs, convert_to_iter_based=True)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
