# CleanerS: the network on noisy TSDF, distilled from the frozen teacher.
_base_ = [
    './_base_/models/ssc-net_b2.py', './_base_/datasets/nyu-ssc.py',
    './_base_/schedules/adamw-cosine-100e.py',
    './_base_/distillation_runtime.py'
]

# a checkpoint, or a work_dir, which stands for its best checkpoint
teacher_ckpt = 'work_dirs/cleaners_b2_teacher'

model = dict(
    student=_base_.ssc_net,
    teacher=_base_.ssc_net,
    teacher_ckpt=teacher_ckpt)
train_dataloader = dict(
    dataset=dict(data_prefix=dict(tsdf_cad_path='../NYUCAD/TSDF')))
default_hooks = dict(
    teacher=dict(teacher_config='configs/cleaners_b2_teacher.py'))
