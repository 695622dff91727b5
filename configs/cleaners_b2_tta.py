# CleanerS tested on four views of the room: the logits are averaged over the
# flips of the grid. Trained as cleaners_b2.py; takes its checkpoints.
_base_ = './cleaners_b2.py'

model = dict(student=dict(decode_head=dict(flip_test=True)))
