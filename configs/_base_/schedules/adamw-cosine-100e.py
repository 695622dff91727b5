# METHOD: AdamW at 1e-3, cosine per epoch to 1e-7, no warm-up; no weight decay
# on biases and other 1-D parameters.
optim_wrapper = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
    paramwise_cfg=dict(flat_decay_mult=0.0),
    clip_grad=dict(max_norm=10, norm_type=2),
)
param_scheduler = dict(type='CosineAnnealingLR', T_max=100, eta_min=1e-7, by_epoch=True)

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=100, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
