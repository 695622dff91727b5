# CleanerS whose validated and tested weights are an exponential moving average
# of the trained ones. Its window is counted in batches, not in updates: about 1000
# batches, two of which make an update on one GPU, one on two.
_base_ = './cleaners_b2.py'

custom_hooks = [dict(type='EMAHook', momentum=0.001)]
