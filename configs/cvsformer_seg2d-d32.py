# CVSformer in cleaners_seg2d-d32_baseline, and trained as that.
# Not to be compared with networks that see photo or depth: Seg2D knows the
# labels of the test frames (`tools/analysis_tools/seg2d_leak.py DATA_ROOT`).
_base_ = [
    './_base_/models/cvs-net_seg2d-d32.py',
    './_base_/roles/nyu-seg2d_baseline.py',
]

custom_imports = dict(
    imports=['cleaners.register_modules', 'cvsformer.register_modules']
)
model = _base_.ssc_net
