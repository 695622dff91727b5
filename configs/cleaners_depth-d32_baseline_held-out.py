# cleaners_depth-d32_baseline.py in four epochs, validated on a tenth of the
# training frames: to choose settings by, without the test frames.
_base_ = './cleaners_depth-d32_baseline.py'

max_epochs = 4
param_scheduler = dict(T_max=max_epochs)
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
train_dataloader = dict(dataset=dict(filter_cfg=dict(part='rest', share=0.1)))
val_dataloader = dict(
    dataset=dict(
        ann_file='nyu_infos_train.json',
        split='train',
        data_prefix=dict(depth_path=None),
        filter_cfg=dict(part='held_out', share=0.1),
    )
)
val_evaluator = _base_.test_evaluator
