import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Union

import torch.nn as nn
from mmdet3d.registry import OPTIM_WRAPPER_CONSTRUCTORS
from mmengine.logging import MMLogger
from mmengine.optim import DefaultOptimWrapperConstructor


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class MergedOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """mmengine's constructor with one group for equal options.

    The default makes one group a parameter, which keeps torch's fused AdamW
    step from batching them, and logs a line for each, frozen ones included.
    The options (``paramwise_cfg``) are the same.
    """

    def add_params(
        self,
        params: list[dict],
        module: nn.Module,
        prefix: str = '',
        is_dcn_module: Union[int, float, None] = None,
    ) -> None:
        """Collect the groups as mmengine does, then merge them in place."""
        if prefix:  # mmengine's recursion into the children
            super().add_params(params, module, prefix, is_dcn_module)
            return
        with _quiet():
            super().add_params(params, module, prefix, is_dcn_module)
        params[:] = merge_groups(params)
        logger = MMLogger.get_current_instance()
        for group in params:
            options = {k: v for k, v in group.items() if k != 'params'}
            logger.info(
                f'{len(group["params"])} parameters with '
                f'{options or "the default options"}'
            )


def merge_groups(groups: list[dict]) -> list[dict]:
    """Join the parameters of groups whose other options are equal.

    Args:
        groups (list[dict]): As torch's optimizers take them.

    Returns:
        list[dict]: In the order of first occurrence.
    """
    merged: dict[str, dict] = {}
    for group in groups:
        options = {k: v for k, v in group.items() if k != 'params'}
        key = repr(sorted(options.items()))
        merged.setdefault(key, dict(params=[], **options))
        merged[key]['params'] += group['params']
    return list(merged.values())


@contextmanager
def _quiet() -> Iterator[None]:
    """Hold back the log lines that mmengine writes for each parameter."""
    logger = MMLogger.get_current_instance()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
