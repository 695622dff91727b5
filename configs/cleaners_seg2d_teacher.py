# CleanerS with a 2D segmentation as input: the teacher, on TSDF-CAD.
# Not to be compared with networks that see photo or depth: Seg2D knows the
# labels of the test frames (`tools/analysis_tools/seg2d_leak.py DATA_ROOT`).
_base_ = ['./_base_/models/ssc-net_seg2d.py', './_base_/roles/nyu-seg2d_teacher.py']

model = _base_.ssc_net
