# pretrain2d_efflite0-d32.py, validated on a tenth of the training photos: to
# choose settings by, without the test photos.
_base_ = './pretrain2d_efflite0-d32.py'

train_dataloader = dict(dataset=dict(filter_cfg=dict(part='rest', share=0.1)))
val_dataloader = dict(
    dataset=dict(split='train', filter_cfg=dict(part='held_out', share=0.1))
)
