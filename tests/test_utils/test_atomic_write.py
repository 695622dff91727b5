"""Where outputs go that are no plain file."""

import os

import pytest

from cleaners.utils.atomic_write import write_atomically


def test_a_link_stays_and_its_file_is_written(tmp_path):
    (tmp_path / 'there').mkdir()
    target = tmp_path / 'there/scores.json'
    link = tmp_path / 'scores.json'
    link.symlink_to(target)
    for content in (b'first', b'second'):  # the file is made, then replaced
        write_atomically(link, content)
        assert link.is_symlink() and target.read_bytes() == content
    assert sorted(path.name for path in tmp_path.rglob('*')) == [
        'scores.json',
        'scores.json',
        'there',
    ]


def test_a_pipe_gets_what_is_written():
    """As /dev/stdout is one; it was replaced by a file."""
    reader, writer = os.pipe()
    path = f'/dev/fd/{writer}'
    write_atomically(path, b'numbers')
    assert os.read(reader, 100) == b'numbers'
    assert os.path.islink(path)
    os.close(reader)
    os.close(writer)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError) as error:
        write_atomically(tmp_path, b'')
    assert error.value.filename == str(tmp_path)
