# AMMNet: an optimizer each for generator and discriminator; the generator's
# rate falls by a cosine per epoch to 1e-7, the discriminator's is constant.
max_epochs = 150
adamw = dict(
    type='OptimWrapper',
    constructor='MergedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
    paramwise_cfg=dict(flat_decay_mult=0.0),
    clip_grad=dict(max_norm=10, norm_type=2),
)
optim_wrapper = dict(
    constructor='SplitOptimWrapperConstructor', generator=adamw, discriminator=adamw
)
param_scheduler = dict(
    generator=dict(
        type='CosineAnnealingLR', T_max=max_epochs, eta_min=1e-7, by_epoch=True
    ),
    discriminator=[],
)

train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=max_epochs, val_interval=1)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
