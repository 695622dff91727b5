"""Settings whose place in the config has changed."""
from mmengine.config import Config

from ..utils.errors import InputError

# old key: new key
MOVED = {
    'auto_accumulate': 'default_hooks.effective_batch.base_batch_size',
    'compile': 'default_hooks.compile.enable',
    'env_cfg.keep_freed_mb': 'default_hooks.runtime.keep_freed_mb',
    'env_cfg.allow_tf32': 'default_hooks.runtime.allow_tf32'
}


def refuse_moved_settings(cfg: Config) -> None:
    """Refuse a setting where nothing reads it any more.

    Raises:
        InputError: With its new place.
    """
    for old, new in MOVED.items():
        *path, last = old.split('.')
        node = cfg
        for part in path:
            node = node.get(part) or {}
        # mmengine's own switch; it compiles the optimizer, too
        is_off = old == 'compile' and not node.get(last)
        if last in node and not is_off:
            raise InputError(f'config key {old!r} has moved: set {new} '
                             'instead (configs/_base_/default_runtime.py)')
