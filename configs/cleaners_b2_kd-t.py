# Ablation: KD-T alone.
_base_ = './cleaners_b2.py'

model = dict(kd_center=None, kd_affinity=None)
