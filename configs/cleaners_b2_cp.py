# CleanerS with activation checkpointing of the student: less memory, more
# time, the same numbers.
_base_ = './cleaners_b2.py'

checkpointed = dict(with_cp=True)
model = dict(
    student=dict(
        head_2d=checkpointed, tsdf_encoder=checkpointed, decode_head=checkpointed
    )
)
default_hooks = dict(runtime=dict(keep_freed_mb=1))
