# Synthetic rooms in the form of NYU (tools/create_data.py synth).
_base_ = './nyu-ssc.py'

data_root = 'data/SynthRooms'
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(data_root=data_root, ann_file='synth_infos_train.json'),
)
val_dataloader = dict(
    num_workers=1, dataset=dict(data_root=data_root, ann_file='synth_infos_test.json')
)
test_dataloader = val_dataloader
