# CleanerS with MiT-B2 and D = 128, distilled from its teacher.
_base_ = ['./_base_/models/ssc-net_b2-d128.py', './_base_/roles/nyu_student.py']

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_b2-d128_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(teacher=dict(teacher_config='configs/cleaners_b2-d128_teacher.py'))
