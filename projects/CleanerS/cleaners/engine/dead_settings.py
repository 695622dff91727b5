"""Settings of a config that nothing reads."""

from mmengine.config import Config

from ..utils.errors import InputError

# what mmengine's Runner reads of env_cfg; it passes over the rest
_ENV_KEYS = 'cudnn_benchmark', 'dist_cfg', 'mp_cfg', 'resource_limit'


def refuse_dead_settings(cfg: Config) -> None:
    """Refuse a setting that has moved, or that mmengine passes over.

    Raises:
        InputError: With its new place, or the keys that count.
    """
    _refuse_stray_schedulers(cfg)
    if cfg.get('compile'):  # mmengine's own switch
        raise InputError(
            "config key 'compile' has moved: set default_hooks.compile.enable "
            'instead (configs/_base_/default_runtime.py)'
        )
    for key in cfg.get('env_cfg') or {}:
        if key not in _ENV_KEYS:
            raise InputError(
                f"config key 'env_cfg.{key}' does nothing; "
                f'env_cfg has {", ".join(_ENV_KEYS)}'
            )


def _refuse_stray_schedulers(cfg: Config) -> None:
    """Refuse schedulers that are not those of the parts of a model.

    Where ``optim_wrapper`` has an optimizer for each part, so has
    ``param_scheduler``, or one for all of them.

    Raises:
        InputError: If one is of no part, or a part has none.
    """
    wrapper, schedulers = cfg.get('optim_wrapper'), cfg.get('param_scheduler')
    if not isinstance(wrapper, dict) or 'optimizer' in wrapper:
        return
    if not isinstance(schedulers, dict) or 'type' in schedulers:
        return
    parts = [name for name in wrapper if name != 'constructor']
    for name in schedulers:
        if name not in parts:
            places = ', '.join(f'param_scheduler.{p}.{name}' for p in parts)
            raise InputError(
                f"config key 'param_scheduler.{name}' does "
                f'nothing; set instead: {places}'
            )
    for name in parts:
        if name not in schedulers:
            raise InputError(
                f'param_scheduler lacks {name!r}: a scheduler, '
                'or [] for a constant rate'
            )
