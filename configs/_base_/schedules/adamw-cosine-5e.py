# A short schedule for a handful of synthetic rooms; validated at the end.
_base_ = './adamw-cosine-20e.py'

max_epochs = 5
param_scheduler = dict(T_max=max_epochs, convert_to_iter_based=True)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
