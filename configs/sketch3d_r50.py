# 3D-Sketch (CVPR 2020), as published.
_base_ = ['./_base_/models/sketch-net_r50.py', './_base_/roles/nyu_plain-sgd.py']

custom_imports = dict(
    imports=['cleaners.register_modules', 'sketch3d.register_modules']
)
model = _base_.ssc_net
