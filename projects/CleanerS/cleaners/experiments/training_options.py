"""Settings by which an experiment trains the network of a config."""

from collections.abc import Iterator
from typing import Any

from mmengine.config import Config

from ..engine.teacher_source import model_parts
from ..utils.errors import InputError

# of a schedule, what says when it ends
_ENDS = ('T_max', 'end')


def schedule_options(cfg: Config, epochs: int) -> dict[str, int]:
    """Return the settings by which a config trains for other epochs.

    What ends with the epochs of the config ends with those wanted; a warm-up
    that ends before stays.

    Args:
        cfg (Config): With schedules by epochs.
        epochs (int): Those wanted.

    Returns:
        dict[str, int]: By key.

    Raises:
        InputError: If a rate has schedules and none ends with the epochs of
            the config.
    """
    found = {'train_cfg.max_epochs': epochs}
    for key, schedules in _rates_of(cfg.get('param_scheduler') or []):
        keys = [
            f'{schedule_key}.{end}'
            for schedule_key, schedule in schedules
            for end in _ENDS
            if schedule.get(end) == cfg.train_cfg.max_epochs
        ]
        if schedules and not keys:
            raise InputError(
                f"'{cfg.filename}': no schedule of {key} ends after its "
                f'{cfg.train_cfg.max_epochs} epochs, so that it cannot be trained '
                f'for {epochs}'
            )
        found.update(dict.fromkeys(keys, epochs))
    return found


def _rates_of(config: Any) -> Iterator[tuple[str, list[tuple[str, dict]]]]:
    """List the schedules of each optimizer: its key, and theirs with them."""
    parts = {'param_scheduler': config}
    if isinstance(config, dict) and 'type' not in config:  # one for each optimizer
        parts = {f'param_scheduler.{name}': part for name, part in config.items()}
    for key, part in parts.items():
        if isinstance(part, dict):
            yield key, [(key, part)]
        else:
            yield key, [(f'{key}.{index}', one) for index, one in enumerate(part)]


def pretrained_options(cfg: Config, checkpoint: str) -> dict[str, str]:
    """Return the settings by which all networks start from a 2DNet.

    Args:
        cfg (Config): Of one network or of several: teacher and student, or
            generator and discriminator.
        checkpoint (str): Of a 2DNet.

    Returns:
        dict[str, str]: By key; none for networks that see no photo.
    """
    return {
        f'{key}.pretrained_2d': checkpoint
        for key, part in model_parts(cfg.model)
        if 'tsdf_encoder' in part and part.get('head_2d')
    }
