# 3D-Sketch: SGD at 0.1, falling to 0 with every iteration, no warm-up, no
# clipping; no weight decay on biases and other 1-D parameters.
max_epochs = 250
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(flat_decay_mult=0.0),
)
param_scheduler = dict(
    type='PolyLR',
    power=0.9,
    eta_min=0.0,
    begin=0,
    end=max_epochs,
    by_epoch=True,
    convert_to_iter_based=True,
)

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
