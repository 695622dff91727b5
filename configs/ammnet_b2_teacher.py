# AMMNet's network with MiT-B2: the teacher, on TSDF-CAD, without a
# discriminator.
_base_ = ['./_base_/models/ammnet_b2.py', './_base_/roles/nyu_teacher.py']

custom_imports = dict(imports=['cleaners.register_modules', 'ammnet.register_modules'])
model = _base_.ssc_net
