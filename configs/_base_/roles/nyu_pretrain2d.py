# All but the network of a config that trains the 2DNet on labels of photos.
_base_ = [
    '../datasets/nyu-seg.py',
    '../schedules/adamw-cosine-100e.py',
    '../default_runtime.py',
]

max_epochs = 6
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = dict(T_max=max_epochs, convert_to_iter_based=True)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
default_hooks = dict(
    checkpoint=dict(save_best='mIoU'), effective_batch=dict(base_batch_size=4)
)
