# CleanerS with EfficientNet-Lite0 and D = 32: the teacher, on TSDF-CAD.
_base_ = [
    './_base_/models/ssc-net_efflite0-d32.py',
    './_base_/roles/nyu-photo_teacher.py',
]

model = _base_.ssc_net
