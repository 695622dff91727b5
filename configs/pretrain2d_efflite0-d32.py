# The 2DNet with EfficientNet-Lite0 and D = 32, trained on labels of photos.
# The networks cleaners_efflite0-d32*.py start from it by pretrained_2d.
_base_ = ['./_base_/models/seg-net_efflite0-d32.py', './_base_/roles/nyu_pretrain2d.py']

model = _base_.seg_net
