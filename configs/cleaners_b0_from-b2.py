# A student with a small backbone from a teacher with a bigger one: MiT-B0 from
# cleaners_b2_teacher.py.
_base_ = './cleaners_b0.py'

teacher_ckpt = 'work_dirs/cleaners_b2_teacher'
model = dict(
    teacher=dict(
        backbone=dict(embed_dims=64, num_layers=[3, 4, 6, 3]),
        head_2d=dict(in_channels=[64, 128, 320, 512]),
    ),
    teacher_ckpt=teacher_ckpt,
)
default_hooks = dict(teacher=dict(teacher_config='configs/cleaners_b2_teacher.py'))
