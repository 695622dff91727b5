# NYUCAD as a benchmark of its own (tools/create_data.py nyucad): the same
# frames with clean depth.
_base_ = './nyu-ssc.py'

data_root = 'data/NYUCAD'
train_dataloader = dict(
    dataset=dict(data_root=data_root, ann_file='nyucad_infos_train.json')
)
val_dataloader = dict(
    dataset=dict(data_root=data_root, ann_file='nyucad_infos_test.json')
)
test_dataloader = val_dataloader
