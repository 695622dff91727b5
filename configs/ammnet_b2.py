# AMMNet with MiT-B2 on noisy TSDF, against a discriminator.
_base_ = ['./_base_/models/ammnet_b2.py', './_base_/roles/nyu_adversarial.py']

model = dict(generator=_base_.ssc_net)
