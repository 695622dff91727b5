"""Where the checkpoints of a run are."""

import os.path as osp
from typing import Optional

from mmengine.hooks import CheckpointHook
from mmengine.runner import Runner


def checkpoint_folder(work_dir: str, out_dir: Optional[str]) -> str:
    """Return the folder that mmengine's ``CheckpointHook`` writes to.

    Args:
        work_dir (str): Of the run.
        out_dir (str, optional): That of the hook: there each run has a folder
            of its name.
    """
    absolute = osp.abspath(work_dir)
    if out_dir in (None, absolute):
        return work_dir
    return osp.join(str(out_dir), osp.basename(absolute))


def folder_of_run(runner: Runner) -> str:
    """Return the folder of the checkpoints of a run that has not begun."""
    for hook in runner.hooks:
        if isinstance(hook, CheckpointHook):
            return checkpoint_folder(runner.work_dir, hook.out_dir)
    return runner.work_dir
