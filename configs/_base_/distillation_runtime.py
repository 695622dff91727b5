# The runtime of a distilled student. A config that uses it gives the model's
# `student`, `teacher` and `teacher_ckpt`, the hook's `teacher_config`, and the
# data set's `tsdf_cad_path`.
_base_ = './default_runtime.py'

model = dict(
    type='CleanerDistiller',
    kd_surface=dict(type='SurfaceKDLoss', loss_weight=0.25),
    kd_center=dict(type='SemanticCenterKDLoss', loss_weight=0.25),
    kd_affinity=dict(type='SemanticAffinityKDLoss', loss_weight=0.25),
)
default_hooks = dict(teacher=dict(type='TeacherHook'))
