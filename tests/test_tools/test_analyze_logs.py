"""The command line that compares runs; what is read: test_train_logs."""

import json

import pytest
from in_process import call_tool

TOOL = 'analysis_tools/analyze_logs.py'


@pytest.fixture
def log(tmp_path):
    """A log of one entry."""
    path = tmp_path / 'scalars.json'
    path.write_text(json.dumps(dict(loss=2.0, iter=1, epoch=1, step=1)) + '\n')
    return path


def test_tables_and_curves(monkeypatch, capsys, log, tmp_path):
    call_tool(
        monkeypatch, TOOL, log, '--keys', 'loss', '--out', tmp_path / 'new/curves.svg'
    )
    assert capsys.readouterr().out == f'{log}\nepochs 1, iterations 1\n'
    assert '<!-- loss -->' in (tmp_path / 'new/curves.svg').read_text()


def test_bad_input_gets_one_line(monkeypatch, capsys, log):
    with pytest.raises(SystemExit) as stop:
        call_tool(monkeypatch, TOOL, log, '--keys', 'los')
    assert stop.value.code == (
        "error: no run has logged 'los', did you mean 'loss'? (there are "
        'epoch, iter, loss, step)'
    )
    with pytest.raises(SystemExit) as stop:
        call_tool(monkeypatch, TOOL, log, '--out', 'curves.txt')
    assert stop.value.code == 2
    assert (
        'argument --out: should end in .png or .pdf or .svg, but got curves.txt'
    ) in capsys.readouterr().err
