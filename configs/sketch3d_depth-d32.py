# 3D-Sketch in cleaners_depth-d32_baseline, and trained as that.
_base_ = [
    './_base_/models/sketch-net_depth-d32.py',
    './_base_/roles/nyu-depth_baseline.py',
]

custom_imports = dict(
    imports=['cleaners.register_modules', 'sketch3d.register_modules']
)
model = _base_.ssc_net
