# A smaller student from a bigger teacher: D = 64 from cleaners_b2_teacher.py.
# KD-T takes the student's surface features to the teacher's width.
_base_ = './cleaners_b2-d64.py'

teacher_channels = 256
teacher_ckpt = 'work_dirs/cleaners_b2_teacher'
model = dict(
    teacher=dict(channels=teacher_channels),
    teacher_ckpt=teacher_ckpt,
    kd_surface=dict(
        student_channels=_base_.ssc_net.channels, teacher_channels=teacher_channels
    ),
)
default_hooks = dict(teacher=dict(teacher_config='configs/cleaners_b2_teacher.py'))
