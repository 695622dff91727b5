# CleanerS with ResNet-50, distilled from its teacher.
_base_ = ['./_base_/models/ssc-net_r50.py', './_base_/roles/nyu_student.py']

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_r50_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(teacher=dict(teacher_config='configs/cleaners_r50_teacher.py'))
