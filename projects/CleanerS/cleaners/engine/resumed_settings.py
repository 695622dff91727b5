"""Settings of an optimizer that a resumed run takes from its config."""

from collections.abc import Container, Sequence

from ..utils.errors import InputError


def refuse_other_groups(groups: Sequence[dict], stored: Sequence[dict]) -> None:
    """Refuse the state of an optimizer that torch could not restore.

    Args:
        groups (Sequence[dict]): Parameter groups of the optimizer as built.
        stored (Sequence[dict]): Those of the checkpoint.

    Raises:
        InputError: If it is another optimizer's, or parameters are grouped
            otherwise; without the name of the checkpoint.
    """
    ours, theirs = _settings_of(groups[0]), _settings_of(stored[0])
    # one side alone may have settings that another version of torch has
    if ours - theirs and theirs - ours:
        raise InputError(
            'holds the state of another optimizer: it has '
            f'{", ".join(sorted(theirs - ours))}, that of the config '
            f'{", ".join(sorted(ours - theirs))}'
        )
    if _sizes(groups) != _sizes(stored):
        raise InputError(
            f'groups {sum(_sizes(stored))} parameters into {len(stored)}, the '
            f'config {sum(_sizes(groups))} into {len(groups)} (optim_wrapper.'
            'paramwise_cfg, or what the model trains)'
        )


def follow_settings(
    groups: Sequence[dict], stored: Sequence[dict], scheduled: Container[str]
) -> list[str]:
    """Put what the config says of an optimizer into a stored state.

    Args:
        groups (Sequence[dict]): Parameter groups of the optimizer as built.
        stored (Sequence[dict]): Those of the checkpoint; changed here.
        scheduled (Container[str]): Keys that schedulers decide; left alone.

    Returns:
        list[str]: Keys that were changed, such as 'weight_decay'.
    """
    changed = set()
    for ours, theirs in zip(groups, stored):
        for key in (ours.keys() & theirs.keys()) - {'params'}:
            if key not in scheduled and _plain(ours[key]) != _plain(theirs[key]):
                theirs[key] = ours[key]
                changed.add(key)
    return sorted(changed)


def _settings_of(group: dict) -> set[str]:
    """List the settings of the optimizer itself, not of its schedulers."""
    return {key for key in group if not key.startswith('initial_')}


def _sizes(groups: Sequence[dict]) -> list[int]:
    return [len(group['params']) for group in groups]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
