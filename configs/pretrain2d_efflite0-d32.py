# The 2DNet with EfficientNet-Lite0 and D = 32, trained on the labels of photos.
# The networks cleaners_efflite0-d32*.py start from it by pretrained_2d.
_base_ = [
    './_base_/models/seg-net_efflite0-d32.py', './_base_/datasets/nyu-seg.py',
    './_base_/schedules/adamw-cosine-20e.py', './_base_/default_runtime.py'
]

max_epochs = 6
model = _base_.seg_net
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = dict(T_max=max_epochs)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
default_hooks = dict(
    checkpoint=dict(save_best='mIoU'), effective_batch=dict(base_batch_size=4))
