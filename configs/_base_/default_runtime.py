default_scope = 'mmdet3d'
# The package installed by `pip install -e .`. For a copy of this folder inside
# an mmdet3d checkout: 'projects.CleanerS.cleaners.register_modules'.
custom_imports = dict(imports=['cleaners.register_modules'], allow_failed_imports=False)

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
        rule='greater',
    ),
    checkpoint_check=dict(type='CheckpointCheckHook'),
    resume_check=dict(type='ResumeCheckHook'),
    finite_check=dict(type='FiniteCheckHook'),
    size_check=dict(type='SizeCheckHook'),
    profile_check=dict(type='ProfileCheckHook'),
    missed_validation=dict(type='MissedValidationHook'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    epoch_seed=dict(type='EpochSeedHook'),
    # METHOD: batch 2 on each of 2 GPUs. Gradients are accumulated until so
    # many frames make an update; None leaves accumulative_counts alone.
    effective_batch=dict(type='EffectiveBatchHook', base_batch_size=4),
    # Where the network is trained on the CPU, freed memory of less than so
    # many MB is kept for the next tensor; float('inf') keeps all: faster, for
    # more memory (docs/performance.md). On CUDA float32 stays float32 unless
    # TensorFloat32 is allowed.
    runtime=dict(type='RuntimeSettingsHook', keep_freed_mb=4, allow_tf32=False),
    # torch.compile of the forward pass in training; takes its arguments
    compile=dict(type='CompileHook', enable=False),
    visualization=dict(type='SSCVisualizationHook', draw=False),
)

# What a run draws follows from it (docs/distributed.md). To choose another:
# --cfg-options randomness.seed=1; None draws one and keeps it for a resume.
randomness = dict(seed=0)

# CUDA: cuDNN picks the fastest kernels for the fixed input size, NCCL joins
# the GPUs, BatchNorm is synchronised over them. tools/train.py falls back to
# gloo and per-process BatchNorm where there is no GPU.
env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)
sync_bn = 'torch'
# True: three processes or more resume bit for bit, too (docs/distributed.md)
find_unused_parameters = False

vis_backends = [dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')]
visualizer = dict(type='SSCLocalVisualizer', vis_backends=vis_backends)

log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True)
log_level = 'INFO'
load_from = None
resume = False
