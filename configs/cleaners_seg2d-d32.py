# CleanerS with a 2D segmentation as input, D = 32, distilled from its teacher.
# Not to be compared with networks that see photo or depth: Seg2D knows the
# labels of the test frames (`tools/analysis_tools/seg2d_leak.py DATA_ROOT`).
_base_ = ['./_base_/models/ssc-net_seg2d-d32.py', './_base_/roles/nyu-seg2d_student.py']

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_seg2d-d32_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(
    teacher=dict(teacher_config='configs/cleaners_seg2d-d32_teacher.py')
)
