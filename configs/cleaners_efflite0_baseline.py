# CleanerS with EfficientNet-Lite0, without distillation.
_base_ = ['./_base_/models/ssc-net_efflite0.py', './_base_/roles/nyu-photo_baseline.py']

model = _base_.ssc_net
