# A 2D segmentation in place of the photo, embedded by one layer that is
# trained. For comparisons with methods that use it only: the public
# segmentations of NYU (Seg2D) know the labels of the test frames, as
# `tools/analysis_tools/seg2d_leak.py DATA_ROOT` shows.
_base_ = './ssc-net_small.py'

ssc_net = dict(
    data_preprocessor=dict(_delete_=True, type='SSCDataPreprocessor'),
    backbone=dict(type='LabelEmbedding', num_labels=14),
    backbone_input='seg2d',
    freeze_backbone=False,
)
