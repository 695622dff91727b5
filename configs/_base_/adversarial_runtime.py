# The runtime of a network that is trained against a discriminator. A config
# that uses it gives the model's `generator`.
_base_ = './default_runtime.py'

custom_imports = dict(imports=['cleaners.register_modules', 'ammnet.register_modules'])
model = dict(
    type='AdversarialTrainer',
    discriminator=dict(type='SceneDiscriminator', channels=64),  # P
    loss_weight=0.005,
)
default_hooks = dict(discriminator=dict(type='DiscriminatorHook'))
# each network of its own: they are updated in turns
model_wrapper_cfg = dict(type='MMSeparateDistributedDataParallel')
