"""Settings that belong to a model and are handed to its parts."""

from collections.abc import Mapping
from typing import Any, Optional

from ..utils.errors import InputError


def hand_over(
    settings: Mapping[str, Any], part: str, cfg: Optional[Mapping]
) -> dict[str, Any]:
    """Return the config of a part with the settings that its owner gives it.

    Args:
        settings (Mapping[str, Any]): Names and values, the owner's.
        part (str): Name of the part, for the message.
        cfg (Mapping): Of the part; it need not name the settings.

    Raises:
        InputError: If the part names another value, or is None.
    """
    if cfg is None:
        raise InputError(f'{part} is None, but there is no network without it')
    for key, value in settings.items():
        own = cfg.get(key, value)
        if _plain(own) != _plain(value):
            raise InputError(
                f"{part}.{key} is {own}, but the model's {key} is {value}: "
                "give it once, as the model's own"
            )
    return dict(cfg, **settings)


def _plain(value: Any) -> Any:
    # configs hold lists where code has tuples
    return tuple(value) if isinstance(value, list) else value
