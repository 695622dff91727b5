# 3D-Sketch in the small network with EfficientNet-Lite0: all but the TSDF
# branch is the small network's.
_base_ = './ssc-net_efflite0-d32.py'

ssc_net = dict(
    type='SketchSegmentor',
    tsdf_encoder=dict(type='SketchEncoder', cvae=dict(type='SketchCVAE')),
)
