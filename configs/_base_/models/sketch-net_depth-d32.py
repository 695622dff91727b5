# 3D-Sketch on the TSDF alone, in the small network: the sketch is all that its
# head sees.
_base_ = './ssc-net_depth-d32.py'

ssc_net = dict(
    type='SketchSegmentor',
    tsdf_encoder=dict(type='SketchEncoder', cvae=dict(type='SketchCVAE')),
)
