# Ablation: KD-SC and KD-SA.
_base_ = './cleaners_b2.py'

model = dict(kd_surface=None)
