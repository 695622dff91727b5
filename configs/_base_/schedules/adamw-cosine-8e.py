# A short schedule for the small synthetic data set.
_base_ = './adamw-cosine-100e.py'

max_epochs = 8
optim_wrapper = dict(optimizer=dict(lr=2e-3))
param_scheduler = dict(T_max=max_epochs)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
