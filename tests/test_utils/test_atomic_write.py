"""Where outputs go that are no plain file."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from cleaners.utils.atomic_write import write_atomically


def test_a_link_is_replaced_and_its_file_stays(tmp_path):
    """A prepared data set may link to the user's own photos."""
    photo, link = tmp_path / 'photo.png', tmp_path / 'link.png'
    photo.write_bytes(b'theirs')
    link.symlink_to(photo)
    write_atomically(link, b'ours')
    assert not link.is_symlink() and link.read_bytes() == b'ours'
    assert photo.read_bytes() == b'theirs'


def test_the_output_of_a_program_stays_where_it_goes(tmp_path):
    """Also where that is a file."""
    script = (
        'from cleaners.utils.atomic_write import write_atomically\n'
        "print('before', flush=True)\n"
        "write_atomically('/dev/stdout', b'numbers')\n"
    )
    with open(tmp_path / 'out.txt', 'wb') as out:
        subprocess.run([sys.executable, '-c', script], stdout=out, check=True)
    assert (tmp_path / 'out.txt').read_bytes() == b'before\nnumbers'
    assert os.path.islink('/dev/stdout')


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


def test_threads_write_the_same_file(tmp_path):
    path = tmp_path / 'a.bin'
    contents = [bytes([index]) * 100_000 for index in range(4)]

    def write(content):
        for _ in range(20):
            write_atomically(path, content)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, contents))
    assert path.read_bytes() in contents
    assert os.listdir(tmp_path) == ['a.bin']
