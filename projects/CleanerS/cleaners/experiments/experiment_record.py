"""The settings that an experiment was begun with, kept in its folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple, TypeVar

from ..fileio.json_file import read_object
from ..utils.atomic_write import write_json
from ..utils.errors import InputError

_RECORD = 'settings.json'
_PLACES = ('data_root', 'twin')
_ALWAYS_TOLD = ('epochs', 'seeds')
Settings = TypeVar('Settings', bound=NamedTuple)
Plan = TypeVar('Plan')


def open_experiment(
    kind: type[Settings],
    make_plan: Callable[[Settings, Path], Plan],
    folder: Path,
    given: Mapping[str, Any] = {},
) -> Plan:
    """Open the folder of an experiment, or begin one.

    Args:
        kind (type): Of the settings, a NamedTuple.
        make_plan (callable): Makes the plan of settings and folder; what it
            refuses is not begun.
        folder (Path): Of the experiment.
        given (Mapping[str, object]): Fields of ``kind``; None and others do
            not count. Defaults to none.

    Returns:
        The plan, by the settings that the folder was begun with.

    Raises:
        InputError: If it was begun with others, nothing was begun and
            ``given`` is empty, or ``make_plan`` refuses.
    """
    if not Path('tools/train.py').is_file():
        raise InputError(
            'the experiment runs tools/train.py and others: '
            'start it in the root of the repository'
        )
    given = {
        key: _as_tuple(given[key]) for key in kind._fields if given.get(key) is not None
    }
    for key, value in given.items():
        if isinstance(value, tuple) and len(set(value)) < len(value):
            raise InputError(f'--{key} has one of {value} twice')
    record = folder / _RECORD
    if not record.exists():
        if not given:
            raise InputError(
                f"'{folder}' holds no experiment: begin it with run --data-root DIR"
            )
        settings = kind(**given)  # type: ignore[call-overload]
        plan = make_plan(settings, folder)
        write_json(record, settings._asdict())
        return plan
    begun_with = read_object(record)
    settings = kind(  # type: ignore[call-overload]
        **{key: _as_tuple(value) for key, value in begun_with.items()}
    )
    for key, value in given.items():
        begun = getattr(settings, key)
        if value != begun:
            raise InputError(
                f"the experiment in '{folder}' was begun with "
                f'{key}={begun}, not {value}: leave the option '
                'out, or name another --work-dir'
            )
    return make_plan(settings, folder)


def tell_options(settings: Any) -> str:
    """Return the options of the command run that begin such an experiment.

    Args:
        settings (NamedTuple): Where the data lie, ``data_root`` and ``twin``,
            is left to who runs it.
    """
    options = []
    for key, value in settings._asdict().items():
        is_told = key in _ALWAYS_TOLD or value != settings._field_defaults[key]
        if key in _PLACES or not is_told:
            continue
        name = key.replace('_', '-')
        if isinstance(value, bool):
            options.append(f'--{name}' if value else f'--no-{name}')
        else:
            values = value if isinstance(value, tuple) else (value,)
            options.append(f'--{name} {" ".join(map(str, values))}')
    return ' '.join(options)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
