# CleanerS' distillation of AMMNet's network with MiT-B2, without a
# discriminator.
_base_ = ['./_base_/models/ammnet_b2.py', './_base_/roles/nyu_student.py']

custom_imports = dict(imports=['cleaners.register_modules', 'ammnet.register_modules'])
# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/ammnet_b2_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(teacher=dict(teacher_config='configs/ammnet_b2_teacher.py'))
