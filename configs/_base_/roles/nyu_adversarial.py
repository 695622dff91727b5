# All but the network of a config that trains on NYU against a discriminator.
_base_ = [
    '../datasets/nyu-ssc.py',
    '../schedules/adversarial-150e.py',
    '../adversarial_runtime.py',
]
