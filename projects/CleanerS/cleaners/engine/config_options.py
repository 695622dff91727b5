"""What ``--cfg-options`` changes in a config, and what it refuses."""

import argparse
import ast
import inspect
from collections.abc import Iterable, Iterator
from typing import Any, Union, get_args

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

from ..utils.errors import InputError
from ..utils.similar_names import did_you_mean

_RUNNER_ARGUMENTS = {
    name: parameter
    for name, parameter in inspect.signature(Runner).parameters.items()
    if name != 'cfg'
}
# arguments that are a text, also where the config says nothing or None;
# hooks take a folder, too
_TEXTS = {
    'out_dir',
    *(
        name
        for name, parameter in _RUNNER_ARGUMENTS.items()
        if str in (parameter.annotation, *get_args(parameter.annotation))
    ),
}
# All that counts at the top of a config: what mmengine's Runner takes and
# reads ('compile' gets an error of its own). Anything else is a variable that
# the config file was written with.
_SETTINGS = {
    *_RUNNER_ARGUMENTS,
    'activation_checkpointing',
    'compile',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'runner_type',
    'strategy',
    'sync_bn',
}
# the last part of keys that hold the same number under another name
_ALIASES = dict(max_epochs='T_max')


def apply_options(cfg: Config, pairs: Iterable[str], arguments: dict[str, str]) -> None:
    """Change a config by KEY=VALUE.

    The last part of a key may be new (an argument left at its default); what
    leads to it must be there, and its first part must be a setting.

    Where the config has a text, VALUE is taken as it is, so that a folder may
    be called ``2024`` or ``a,b``; quotes around it are taken off, and
    ``None`` without quotes is None. Elsewhere it is read as mmengine's
    ``DictAction`` does; ``{'name': value}`` and lists of such dicts are read, too. A
    dict is merged into the config's, a list takes its place.

    Args:
        cfg (Config): Changed in place.
        pairs (Iterable[str]): Each KEY=VALUE.
        arguments (dict[str, str]): Settings that the tool takes from its own
            arguments, and which.

    Raises:
        InputError: If a key is unknown, or would change nothing; the message
            names the keys that do.
    """
    options = {}
    for pair in pairs:
        key, equals, text = pair.partition('=')
        if not equals:
            raise InputError(f'--cfg-options needs KEY=VALUE, but got {pair!r}')
        present = _find(cfg, key, arguments)
        options[key] = _read(key, text, present)
    cfg.merge_from_dict(options)


def _find(cfg: Config, key: str, arguments: dict[str, str]) -> object:
    """Check a key; return its present value, None where there is none."""
    first, *rest = key.split('.')
    if first in arguments:
        raise InputError(f'config key {key!r} does nothing: use {arguments[first]}')
    if first not in _SETTINGS:
        _refuse_variable(cfg, key)
    if not rest:
        return _present(cfg, first)
    return _follow(cfg.get(first, {}), rest, key)


def _follow(node: Any, parts: list[str], key: str) -> Any:
    """Follow the rest of a key; what mmengine merges it into is a dict."""
    for depth, part in enumerate(parts[:-1], 2):
        if isinstance(node, list):
            _require(part, set(map(str, range(len(node)))), key)
            node = node[int(part)]
        else:
            _require_dict(node, part, key)
            _require(part, set(node), key, '.'.join(key.split('.')[:depth]))
            node = node[part]
    _require_dict(node, parts[-1], key)
    return _present(node, parts[-1])


def _present(node: Any, name: str) -> Any:
    """What the config has; an empty text for nothing where a text is meant."""
    present = node.get(name)
    return '' if present is None and name in _TEXTS else present


def _require_dict(node: Any, part: str, key: str) -> None:
    if not isinstance(node, dict):
        raise InputError(
            f'config key {key!r}: what {part!r} should be in is '
            f'{node!r}; set that as a whole'
        )


def _require(part: str, known: set, key: str, whole: str = '') -> None:
    if part not in known:
        hint = did_you_mean(part, known)
        if whole and not hint:
            hint = f'; to add one, give all of it: {whole}="{{\'name\': value}}"'
        raise InputError(f'unknown config key {key!r}: there is no {part!r}{hint}')


def _refuse_variable(cfg: Config, key: str) -> None:
    """Say which keys count in the place of one that nothing reads.

    Raises:
        InputError: Always.
    """
    name, *rest = key.split('.')
    places = ', '.join('.'.join([place, *rest]) for place in _places(cfg, name))
    if name not in cfg:
        if not places:
            _require(name, _SETTINGS | set(cfg), key)
        raise InputError(
            f'unknown config key {key!r}: there is no {name!r} '
            f'at the top; set instead: {places}'
        )
    reason = (
        f'config key {key!r} does nothing: {name!r} was used while the config was read'
    )
    if places:
        raise InputError(f'{reason}; set instead: {places}')
    raise InputError(
        f'{reason}, and no setting has its value; change it in a config of your own'
    )


def _places(cfg: Config, name: str) -> list[str]:
    """List the keys of the settings that a variable went into.

    Those of its name and value, and those of its value where that is no
    number, which others may share; else those of its name.
    """
    settings = {key: cfg[key] for key in cfg if key in _SETTINGS}
    namesakes, equals = [], []
    for key, value in _walk(settings):
        last = key.split('.')[-1]
        if last in (name, _ALIASES.get(name)):
            namesakes.append(key)
        if name in cfg and value == cfg[name]:
            # teacher_channels went into model.teacher.channels
            is_namesake = key in namesakes or name.endswith(f'_{last}')
            says_much = isinstance(value, (str, dict, list, tuple)) and value
            if is_namesake or says_much:
                equals.append(key)
    # train_cfg.max_epochs before param_scheduler.T_max
    return sorted(equals or namesakes, key=lambda key: not key.endswith(name))


def _walk(node: Union[dict, list], prefix: str = '') -> Iterator[tuple[str, object]]:
    """Yield the dotted keys of a config and their values, outer ones first."""
    items: Iterable[tuple[str, Any]]
    if isinstance(node, dict):
        items = node.items()
    else:
        items = [
            (str(i), value)
            for i, value in enumerate(node)
            if isinstance(value, (dict, list))
        ]
    for part, value in items:
        yield f'{prefix}{part}', value
        if isinstance(value, (dict, list)):
            yield from _walk(value, f'{prefix}{part}.')


def _read(key: str, text: str, present: object) -> object:
    """Read a value as :func:`apply_options` says.

    Args:
        key (str): For messages.
        text (str): Of the command line.
        present (object): What the config has; None for nothing.
    """
    plain = text
    if len(text) > 1 and text[0] == text[-1] and text[0] in '\'"':
        plain = text[1:-1]
    if isinstance(present, str):
        return None if text == 'None' else plain
    if present is None and plain != text:
        return plain
    value = _parse(key, text)
    if isinstance(present, dict) and value is not None:
        _refuse_as_dict(key, value, present)
    if not isinstance(value, str):
        return value
    if isinstance(present, (bool, int, float)):
        kind = 'True or False' if isinstance(present, bool) else 'a number'
        raise InputError(f'config key {key!r} should be {kind}, but got {text!r}')
    return plain  # DictAction drops the spaces


def _refuse_as_dict(key: str, value: object, present: dict) -> None:
    """Refuse a text, a number or an empty dict in the place of a dict."""
    if value == {} or not isinstance(value, (dict, list, tuple)):
        names = ', '.join(map(repr, present))
        raise InputError(
            f'config key {key!r} is a dict{names and f" of {names}"}: set one part of '
            f'it, or several by {key}="{{\'name\': value}}"; got {value!r}'
        )


def _parse(key: str, text: str) -> object:
    """Read a value as mmengine's ``DictAction`` does; dicts are Python's."""
    if text.lstrip('[( ').startswith(('{', 'dict(')):
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError, TypeError) as error:
            raise InputError(
                f'config key {key!r}: {text!r} is no dict; write it so: '
                "{'type': 'EMAHook', 'momentum': 0.1}"
            ) from error
    parser = argparse.ArgumentParser()
    parser.add_argument('--options', nargs='+', action=DictAction)
    try:
        return parser.parse_args(['--options', f'value={text}']).options['value']
    except AssertionError as error:
        raise InputError(
            f'config key {key!r}: brackets do not match in {text!r}'
        ) from error
