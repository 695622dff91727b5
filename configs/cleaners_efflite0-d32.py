# CleanerS with EfficientNet-Lite0 and D = 32, distilled from its teacher.
_base_ = [
    './_base_/models/ssc-net_efflite0-d32.py',
    './_base_/roles/nyu-photo_student.py',
]

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_efflite0-d32_teacher'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(
    teacher=dict(teacher_config='configs/cleaners_efflite0-d32_teacher.py')
)
