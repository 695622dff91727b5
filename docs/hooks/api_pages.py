"""Pages of the API reference: one for each package, from its docstrings."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

_ROLE = re.compile(r':[a-z]+:`(~?)([\w.]+)`')
# name (type): of an argument, or type: of what is returned
_TYPE = re.compile(r'^ +(?:[*\w, ]+ \([^)]*\)|[\w\[\], |.:`~]+?):(?= |$)', re.M)
_DIRECTIVE = re.compile(r'^ *\.\. code:: \w+\n', re.M)


def source_folders(root: Path) -> list[Path]:
    """Return the folders that packages of the projects are imported from."""
    return sorted(
        {path.parents[1] for path in root.glob('projects/*/*/register_modules.py')}
    )


def api_pages(root: Path) -> dict[str, str]:
    """Return the text of each page, by the dotted name of its package.

    Args:
        root (Path): Of the repository.

    Returns:
        dict[str, str]: In the order of the names; packages that have neither
        modules nor a docstring of their own are left out.
    """
    pages = {}
    for folder in source_folders(root):
        for package, modules in _packages(folder):
            lines = [f'# {package}']
            if ast.get_docstring(_parse(folder, package)):
                lines.append(_directive(package, 'members: false'))
            lines += [
                _directive(module, 'show_root_heading: true') for module in modules
            ]
            if len(lines) > 1:
                pages[package] = '\n\n'.join(lines) + '\n'
    return pages


def _packages(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each package below a folder, and its public modules."""
    for init in sorted(folder.rglob('__init__.py')):
        package = '.'.join(init.parent.relative_to(folder).parts)
        if package:
            yield (
                package,
                [
                    f'{package}.{path.stem}'
                    for path in sorted(init.parent.glob('*.py'))
                    if not path.stem.startswith('_')
                ],
            )


def _parse(folder: Path, package: str) -> ast.Module:
    path = folder.joinpath(*package.split('.'), '__init__.py')
    return ast.parse(path.read_text(encoding='utf-8'))


def _directive(name: str, option: str) -> str:
    return f'::: {name}\n    options:\n      {option}'


def full_names(root: Path) -> dict[str, str]:
    """Return the dotted name of every class and function, by its last part.

    Names that occur twice are left out. Methods are under ``Class.method``.
    """
    found = defaultdict(set)
    for folder in source_folders(root):
        for path in folder.rglob('*.py'):
            module = '.'.join(path.relative_to(folder).with_suffix('').parts)
            tree = ast.parse(path.read_text(encoding='utf-8'))
            for name in _defined(tree):
                found[name].add(f'{module}.{name}')
    return {name: paths.pop() for name, paths in found.items() if len(paths) == 1}


def _defined(tree: ast.Module) -> Iterator[str]:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    for node in tree.body:
        if isinstance(node, (ast.ClassDef, *functions)) and node.name[0] != '_':
            yield node.name
            for inner in getattr(node, 'body', ()):
                if isinstance(node, ast.ClassDef) and isinstance(inner, functions):
                    yield f'{node.name}.{inner.name}'


def markdown_docstring(text: str, names: dict[str, str]) -> str:
    """Turn Sphinx' roles, as OpenMMLab writes them, into links.

    ``:obj:`SSCHead``` leads to the class of that name in the reference; what
    is not there is shown as code. In a type it becomes a plain name.

    Args:
        text (str): A docstring.
        names (dict[str, str]): Of :func:`full_names`.
    """

    def link(match: re.Match) -> str:
        name = match[2]
        parts = name.split('.')
        shown = parts[-1] if match[1] else name
        full = names.get('.'.join(parts[-2:])) or names.get(parts[-1])
        return f'[`{shown}`][{full}]' if full else f'`{shown}`'

    # what is indented below a directive stays code
    text = _DIRECTIVE.sub('', text)
    text = _TYPE.sub(lambda match: _ROLE.sub(r'\2', match[0]), text)
    return _ROLE.sub(link, text)
