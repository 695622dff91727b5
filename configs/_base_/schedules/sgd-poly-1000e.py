# CVSformer: SGD at 0.05, falling to 0 with every iteration, gradients clipped.
_base_ = './sgd-poly-250e.py'

max_epochs = 1000
# as published: no weight decay on biases and the norms in the body of a
# bottleneck; all other norms, layer scales, tokens and positions decay
free_norms = [
    '.reduce.1.',
    '.axis_convs.0.1.',
    '.axis_convs.1.1.',
    '.axis_convs.2.1.',
    '.expand.1.',
]
optim_wrapper = dict(
    optimizer=dict(lr=0.05),
    paramwise_cfg=dict(
        _delete_=True,
        custom_keys={key: dict(decay_mult=0.0) for key in ['.bias', *free_norms]},
    ),
    clip_grad=dict(max_norm=20, norm_type=2),
)
param_scheduler = dict(end=max_epochs)
# the authors validate in every epoch from 200 on
train_cfg = dict(max_epochs=max_epochs, val_interval=10)
