# The same, where cleaners is installed and no clone is around.
_base_ = '{{$CLEANERS_CONFIGS:configs}}/cleaners_efflite0-d32_baseline.py'

custom_imports = dict(imports=['cleaners.register_modules', 'gatenet.register_modules'])
model = dict(
    decode_head=dict(
        type='GatedSSCHead', loss_ssc=dict(_delete_=True, type='FocalVoxelLoss')
    )
)
