# The TSDF alone, with D = 32, by the paper's cross-entropy alone.
_base_ = './ssc-net_depth-d32.py'

ssc_net = dict(
    decode_head=dict(loss_ssc=dict(class_weight=None), loss_iou=None, loss_void=None)
)
