"""Checkpoints that are named by their address."""

from functools import partial
from http.server import (
    BaseHTTPRequestHandler,
    SimpleHTTPRequestHandler,
    ThreadingHTTPServer,
)
from threading import Thread
from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config

from cleaners.engine.hooks import CheckpointCheckHook
from cleaners.engine.run_setup import set_resume
from cleaners.utils.checkpoint import find_best_checkpoint, read_checkpoint
from cleaners.utils.errors import InputError


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def served(tmp_path, monkeypatch):
    """A folder, its address, and a torch home of its own."""
    folder = tmp_path / 'served'
    folder.mkdir()
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f'http://127.0.0.1:{server.server_port}'
        server.shutdown()


def test_a_file_is_fetched_once(served):
    folder, address = served
    torch.save(dict(state_dict=dict(w=torch.ones(2))), folder / 'epoch_1.pth')
    url = f'{address}/epoch_1.pth'
    path = find_best_checkpoint(url)
    assert read_checkpoint(path)['state_dict']['w'].tolist() == [1, 1]
    (folder / 'epoch_1.pth').unlink()
    assert find_best_checkpoint(url) == path
    cfg = Config(dict(work_dir='work'))
    set_resume(cfg, url)
    assert cfg.resume and cfg.load_from == path


def test_files_of_one_name_are_told_apart(served):
    folder, address = served
    for number, part in enumerate('ab'):
        (folder / part).mkdir()
        content = dict(state_dict=dict(w=torch.tensor(number)))
        torch.save(content, folder / part / 'epoch_1.pth')
    for number, part in enumerate('ab'):
        path = find_best_checkpoint(f'{address}/{part}/epoch_1.pth')
        assert read_checkpoint(path)['state_dict']['w'] == number


def test_half_a_file_is_not_kept(served, monkeypatch, tmp_path):
    monkeypatch.setattr(
        QuietHandler,
        'send_header',
        lambda self, name, value: BaseHTTPRequestHandler.send_header(
            self, name, '100000' if name == 'Content-Length' else value
        ),
    )
    (served[0] / 'epoch_1.pth').write_bytes(b'x' * 500)
    with pytest.raises(InputError, match='cannot be fetched into .*500 bytes read'):
        find_best_checkpoint(f'{served[1]}/epoch_1.pth')
    assert not list((tmp_path / 'torch').rglob('*.pth'))


def test_a_training_starts_from_an_address(served):
    folder, address = served
    (folder / 'epoch_1.pth').write_bytes(b'no checkpoint')
    runner = SimpleNamespace(
        _has_loaded=False, _resume=False, _load_from=f'{address}/epoch_1.pth'
    )
    with pytest.raises(InputError, match='-epoch_1.pth. is damaged'):
        CheckpointCheckHook().before_run(runner)


def test_what_cannot_be_fetched_is_told(served, tmp_path):
    with pytest.raises(InputError, match='/none.pth. cannot be fetched into .*404'):
        find_best_checkpoint(f'{served[1]}/none.pth')
    assert not [path for path in tmp_path.rglob('*') if path.is_file()]
