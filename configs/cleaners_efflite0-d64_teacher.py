# CleanerS with EfficientNet-Lite0 and D = 64: the teacher, on TSDF-CAD.
_base_ = [
    './_base_/models/ssc-net_efflite0-d64.py',
    './_base_/roles/nyu-photo_teacher.py',
]

model = _base_.ssc_net
