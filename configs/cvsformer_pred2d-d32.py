# CVSformer with F = 32 on labels of the 2DNet, none of them predicted by a
# network that was trained on the frame (tools/misc/predict_seg2d.py).
_base_ = [
    './_base_/models/cvs-net_pred2d-d32.py',
    './_base_/roles/nyu-pred2d_baseline.py',
]

custom_imports = dict(
    imports=['cleaners.register_modules', 'cvsformer.register_modules']
)
model = _base_.ssc_net
