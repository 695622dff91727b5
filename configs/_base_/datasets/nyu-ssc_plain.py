# NYU, trained without augmentation.
_base_ = './nyu-ssc.py'

train_dataloader = dict(dataset=dict(pipeline=_base_.test_pipeline))
