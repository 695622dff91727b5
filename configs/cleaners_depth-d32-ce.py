# CleanerS on the TSDF alone, D = 32, by the losses of the paper alone, distilled
# from its teacher.
_base_ = [
    './_base_/models/ssc-net_depth-d32-ce.py',
    './_base_/roles/nyu-depth_student.py',
]

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_depth-d32-ce_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(
    teacher=dict(teacher_config='configs/cleaners_depth-d32-ce_teacher.py')
)
