# CleanerS' distillation of AMMNet's network with MiT-B2, against a
# discriminator.
_base_ = [
    './_base_/models/ammnet_b2.py',
    './_base_/datasets/nyu-ssc_student.py',
    './_base_/schedules/adversarial-150e.py',
    './_base_/adversarial_runtime.py',
]

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/ammnet_b2_teacher'
model = dict(
    generator=dict(
        type='CleanerDistiller',
        student=_base_.ssc_net,
        teacher=_base_.ssc_net,
        teacher_ckpt=teacher_ckpt,
    )
)
default_hooks = dict(
    teacher=dict(type='TeacherHook', teacher_config='configs/ammnet_b2_teacher.py')
)
