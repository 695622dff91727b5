# GateNet with EfficientNet-Lite0 and D = 32: what differs from the baseline.
_base_ = '../../../../configs/cleaners_efflite0-d32_baseline.py'

custom_imports = dict(imports=['cleaners.register_modules', 'gatenet.register_modules'])
model = dict(
    decode_head=dict(
        type='GatedSSCHead', loss_ssc=dict(_delete_=True, type='FocalVoxelLoss')
    )
)
