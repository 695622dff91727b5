"""JSON files: what is read, and what is told of others."""

import os

import pytest

from cleaners.fileio.json_file import read_object
from cleaners.utils.errors import InputError


@pytest.mark.parametrize(
    'content, message',
    [
        ('[1]', 'should hold a JSON object, but holds a list'),
        ('{"a": 1', 'is not a JSON file'),
        ('[' * 100_000, 'is not a JSON file'),
    ],
)
def test_what_is_no_object_is_refused(tmp_path, content, message):
    (tmp_path / 'a.json').write_text(content)
    with pytest.raises(InputError, match=f"a.json' {message}"):
        read_object(tmp_path / 'a.json')


def test_a_file_of_any_size_is_not_read(tmp_path):
    path = tmp_path / 'a.json'
    path.write_text('{}')
    assert read_object(path) == {}
    os.truncate(path, 2**40)  # takes no space
    with pytest.raises(InputError, match='1048576 MiB, more than any such file has'):
        read_object(path)
