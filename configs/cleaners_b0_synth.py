# The small network on synthetic rooms, distilled from the small teacher.
_base_ = [
    './_base_/models/ssc-net_b0.py', './_base_/datasets/synth-ssc.py',
    './_base_/schedules/adamw-cosine-4e.py',
    './_base_/distillation_runtime.py'
]

teacher_ckpt = 'work_dirs/cleaners_b0_teacher_synth'

model = dict(
    student=_base_.ssc_net,
    teacher=_base_.ssc_net,
    teacher_ckpt=teacher_ckpt)
train_dataloader = dict(
    dataset=dict(data_prefix=dict(tsdf_cad_path='../SynthRoomsCAD/TSDF')))
default_hooks = dict(
    logger=dict(interval=5),
    teacher=dict(teacher_config='configs/cleaners_b0_teacher_synth.py'))
randomness = dict(seed=0)
