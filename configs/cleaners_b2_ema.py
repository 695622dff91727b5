# CleanerS whose validated and tested weights are an exponential moving average
# of the trained ones.
_base_ = './cleaners_b2.py'

custom_hooks = [dict(type='EMAHook', momentum=0.001)]
