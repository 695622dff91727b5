# AMMNet with EfficientNet-Lite0 and D = 32, against a small discriminator.
_base_ = [
    './_base_/models/ammnet_efflite0-d32.py',
    './_base_/roles/nyu-photo_adversarial.py',
]

model = dict(generator=_base_.ssc_net, discriminator=dict(channels=16))
