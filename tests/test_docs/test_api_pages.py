"""The reference has every module, and docstrings lead to what they name."""

import re

import pytest
from api_pages import api_pages, full_names, markdown_docstring, source_folders
from doc_pages import ROOT


def test_every_module_is_in_the_reference_once():
    found = re.findall(r'^::: (\S+)$', '\n'.join(api_pages(ROOT).values()), re.M)
    modules = {
        '.'.join(path.relative_to(folder).with_suffix('').parts)
        for folder in source_folders(ROOT)
        for path in folder.glob('*/**/*.py')
        if path.stem[0] != '_' and (path.parent / '__init__.py').is_file()
    }
    assert len(found) == len(set(found))
    assert modules <= set(found) and 'cleaners.geometry.tsdf' in modules


def test_names_are_found_where_they_are_defined():
    names = full_names(ROOT)
    segmentor = 'cleaners.models.segmentors.ssc_segmentor.SSCSegmentor'
    assert names['SSCSegmentor'] == segmentor
    assert names['SSCSegmentor.decode'] == f'{segmentor}.decode'
    assert 'forward' not in names


@pytest.mark.parametrize(
    'text, markdown',
    [
        ('See :obj:`Head`.', 'See [`Head`][a.b.Head].'),
        ('See :obj:`~x.Head` and :func:`gone`.', 'See [`Head`][a.b.Head] and `gone`.'),
        (
            '    s (list[:obj:`Head`]): A :obj:`Head`.',
            '    s (list[Head]): A [`Head`][a.b.Head].',
        ),
        ('    list[:obj:`Head`]: A.', '    list[Head]: A.'),
        ('    .. code:: text\n\n        a -> b', '\n        a -> b'),
    ],
)
def test_roles_become_links(text, markdown):
    assert markdown_docstring(text, dict(Head='a.b.Head')) == markdown
