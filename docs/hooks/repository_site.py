"""MkDocs hook: the repository's Markdown, and what it links to, as one site.

Pages lie where GitHub shows them: in docs/, and as READMEs beside what they
describe. The nav of mkdocs.yml names the latter from docs/, as
``../configs/README.md``; a name with a ``*`` stands for all that fit. Links
are written for GitHub, relative to the file. Here they are turned to the same
page of the site. A file that is no page gets one that shows its text, so that
the site needs no repository beside it.
"""

import logging
import os.path
import posixpath
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from api_pages import api_pages, full_names, source_folders
from markdown_text import deepen_lists, links, slug
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
HOME = 'index.md'
# files that are copied as they are; all others are shown as text
COPIED = {'.png', '.jpg', '.svg', '.ipynb'}
LANGUAGES = {'.py': 'python', '.sh': 'bash', '.yml': 'yaml', '.toml': 'toml'}

log = logging.getLogger('mkdocs.hooks.repository_site')
# where each file of the repository is in the site, both relative
uris: dict[str, str] = {}


@event_priority(100)  # before mkdocstrings reads its settings
def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Lay out the nav, and tell where the packages are."""
    uris.clear()
    config.nav = _expand_nav(config.nav)
    config.mdx_configs.setdefault('toc', {})['slugify'] = slug
    python = config.plugins['mkdocstrings'].config['handlers']['python']
    python['paths'] = [str(path) for path in source_folders(ROOT)]
    python['options']['extensions'] = [
        {'docs/hooks/docstring_roles.py': {'names': full_names(ROOT)}}
    ]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside of docs/, what pages link to, the reference."""
    for package, text in api_pages(ROOT).items():
        files.append(File.generated(config, f'api/{package}.md', content=text))
    docs = Path(config.docs_dir).relative_to(ROOT)
    for file in files:
        if not file.generated_by and not file.inclusion.is_excluded():
            uris[str(docs / file.src_uri)] = file.src_uri
    for path, uri in uris.items():
        if files.get_file_from_path(uri) is None:
            files.append(_page_file(config, path, uri))
    waiting = [path for path in uris if path.endswith('.md')]
    while waiting:
        for target in _missing_targets(waiting.pop()):
            uri = uris[target] = _uri(target)
            files.append(_page_file(config, target, uri, InclusionLevel.NOT_IN_NAV))
            if target.endswith('.md'):
                waiting.append(target)
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Turn the links of a page to the site."""
    places = {uri: path for path, uri in uris.items()}
    path = places.get(page.file.src_uri)
    if path is None or not path.endswith('.md'):
        return markdown
    for link in reversed(list(links(markdown))):
        if link.is_external or link.target.startswith('#'):
            continue
        target, mark, anchor = link.target.partition('#')
        uri = uris.get(_resolve(path, target))
        if uri is None:
            log.warning("'%s', line %d: no file %s", path, link.line, target)
            continue
        place = posixpath.relpath(uri, posixpath.dirname(page.file.src_uri) or '.')
        markdown = markdown[: link.start] + place + mark + anchor + markdown[link.end :]
    return deepen_lists(markdown)


def _expand_nav(items: list) -> list:
    """Replace patterns and names outside of docs/; note the latter."""
    expanded = []
    for item in items:
        if isinstance(item, dict):
            ((title, content),) = item.items()
            if isinstance(content, str):
                content = _expand_name(content)
                content = content[0] if len(content) == 1 else content
            else:
                content = _expand_nav(content)
            expanded.append({title: content})
        else:
            expanded += _expand_name(item)
    return expanded


def _expand_name(name: str) -> list:
    """Return the pages that a name in the nav stands for."""
    if name == 'api/*':
        return _api_nav()
    paths = [os.path.normpath(os.path.join('docs', name))]
    if '*' in name:
        paths = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(paths[0]))
    for path in paths:
        if not path.startswith('docs/'):
            uris[path] = _uri(path)
    return [uris.get(path, path.removeprefix('docs/')) for path in paths]


def _api_nav() -> list[dict]:
    """Return the pages of the reference, under the packages that one imports."""
    nav: dict[str, list] = {}
    for package in api_pages(ROOT):
        page = {package: f'api/{package}.md'}
        nav.setdefault(package.split('.')[0], []).append(page)
    return [{name: pages} for name, pages in nav.items()]


def _uri(path: str) -> str:
    """Return where a file outside of docs/ is in the site."""
    if path == 'README.md':
        return HOME
    if path.endswith('.md') or PurePosixPath(path).suffix in COPIED:
        return path
    return f'source/{path}.md'


def _page_file(
    config: MkDocsConfig,
    path: str,
    uri: str,
    inclusion: InclusionLevel = InclusionLevel.UNDEFINED,
) -> File:
    """Return a file of the repository as a file of the site."""
    if not uri.startswith('source/'):
        return File.generated(
            config, uri, abs_src_path=str(ROOT / path), inclusion=inclusion
        )
    language = LANGUAGES.get(PurePosixPath(path).suffix, 'text')
    text = (ROOT / path).read_text(encoding='utf-8')
    content = (
        f'---\ntitle: {path}\nsearch:\n  exclude: true\n---\n\n# {path}\n\n'
        f'~~~~~~ {language}\n{text}~~~~~~\n'
    )
    return File.generated(config, uri, content=content, inclusion=inclusion)


def _missing_targets(path: str) -> Iterable[str]:
    """List the files that a page links to and the site does not have."""
    text = (ROOT / path).read_text(encoding='utf-8')
    targets = {
        _resolve(path, link.target.partition('#')[0])
        for link in links(text)
        if not link.is_external and not link.target.startswith('#')
    }
    return sorted(
        target for target in targets if target not in uris and (ROOT / target).is_file()
    )


def _resolve(path: str, target: str) -> str:
    """Return the file that a link in a file leads to; a folder's README."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    if (ROOT / joined).is_dir():
        return posixpath.normpath(posixpath.join(joined, 'README.md'))
    return joined
