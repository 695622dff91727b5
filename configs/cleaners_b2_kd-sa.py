# Ablation: KD-SA alone.
_base_ = './cleaners_b2.py'

model = dict(kd_surface=None, kd_center=None)
