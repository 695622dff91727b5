# Ablation: KD-T and KD-SC.
_base_ = './cleaners_b2.py'

model = dict(kd_affinity=None)
