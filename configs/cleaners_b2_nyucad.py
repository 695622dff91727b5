# CleanerS with MiT-B2 on NYUCAD, distilled from its own kind: the teacher is
# the baseline, which sees the same clean depth.
_base_ = ['./_base_/models/ssc-net_b2.py', './_base_/roles/nyucad_student.py']

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_b2_baseline_nyucad'
model = dict(student=_base_.ssc_net, teacher=_base_.ssc_net, teacher_ckpt=teacher_ckpt)
default_hooks = dict(
    teacher=dict(teacher_config='configs/cleaners_b2_baseline_nyucad.py')
)
