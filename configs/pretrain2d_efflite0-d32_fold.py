# pretrain2d_efflite0-d32.py on four fifths of the training photos, validated
# on the others: one of the five that predict_seg2d.py asks for. `fold`, 0 to
# 4, is given in both filter_cfg.
_base_ = './pretrain2d_efflite0-d32.py'

train_dataloader = dict(dataset=dict(filter_cfg=dict(part='rest', share=0.2, fold=0)))
val_dataloader = dict(
    dataset=dict(split='train', filter_cfg=dict(part='held_out', share=0.2, fold=0))
)
