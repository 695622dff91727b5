default_scope = 'mmdet3d'
# The package installed by `pip install -e .`. For a copy of this folder inside
# an mmdet3d checkout: 'projects.CleanerS.cleaners.register_modules'.
custom_imports = dict(
    imports=['cleaners.register_modules'], allow_failed_imports=False)

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # two files are kept: one is whole while the other is being written
    checkpoint=dict(
        type='CheckpointHook',
        interval=1,
        max_keep_ckpts=2,
        save_best='ssc/mIoU',
        rule='greater'),
    checkpoint_check=dict(type='CheckpointCheckHook'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    visualization=dict(type='SSCVisualizationHook', draw=False))

# CUDA: cuDNN picks the fastest kernels for the fixed input size, NCCL joins
# the GPUs, BatchNorm is synchronised over them. tools/train.py falls back to
# gloo and per-process BatchNorm where there is no GPU.
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'))
sync_bn = 'torch'

vis_backends = [
    dict(type='LocalVisBackend'),
    dict(type='TensorboardVisBackend')
]
visualizer = dict(type='SSCLocalVisualizer', vis_backends=vis_backends)

log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
