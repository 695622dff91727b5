"""The command of the live view."""

import runpy
import sys

import pytest
from in_process import TOOLS, call_tool


def parse(monkeypatch, *args):
    monkeypatch.setattr(sys, 'argv', ['serve.py', *args])
    return runpy.run_path(str(TOOLS / 'serve.py'))['parse_args']()


def test_only_this_machine_reaches_it_unless_asked(monkeypatch):
    args = parse(monkeypatch)
    assert (args.host, args.port, args.model) == ('127.0.0.1', 8080, [])
    assert args.intrinsics is None
    assert parse(monkeypatch, '--host', '0.0.0.0').host == '0.0.0.0'


def test_a_network_is_a_name_or_two_files(monkeypatch, capsys):
    assert parse(monkeypatch, '--model', 'a', 'b').model == ['a', 'b']
    with pytest.raises(SystemExit):
        parse(monkeypatch, '--model', 'a', 'b', 'c')
    assert '--model takes NAME, or CONFIG CHECKPOINT' in (capsys.readouterr().err)
    # it completed rooms with random weights
    with pytest.raises(SystemExit):
        parse(monkeypatch, '--model', 'configs/cleaners_b2.py')
    assert 'is a config, which has no weights' in capsys.readouterr().err


@pytest.mark.parametrize(
    'args, message',
    [
        (['--depth-scale', '0'], '--depth-scale should be positive, got 0.0'),
        (['--intrinsics', 'k.txt'], 'k.txt: no such file of intrinsics'),
        (['--port', '70000'], '--port should be 0 to 65535, got 70000'),
        (['--port', '0', '--model', 'x.py', 'y.pth'], "config 'x.py' not found"),
    ],
)
def test_refusals_in_one_line(monkeypatch, tmp_path, args, message):
    pytest.importorskip(
        'viser', reason='viser is not installed (requirements/serve.txt)'
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end:
        call_tool(monkeypatch, 'serve.py', *args)
    assert end.value.code.startswith(f'error: {message}')
    assert '\n' not in end.value.code


def test_what_to_install_is_told(monkeypatch):
    try:
        import viser  # noqa: F401
    except ImportError:
        with pytest.raises(SystemExit) as end:
            call_tool(monkeypatch, 'serve.py')
        assert end.value.code == (
            "error: the live view needs the package 'viser': "
            'pip install -r requirements/serve.txt'
        )
    else:
        pytest.skip('viser is installed')
