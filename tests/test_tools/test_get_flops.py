"""The command line that counts FLOPs; the numbers: test_flops."""

import json

import pytest
from in_process import call_tool
from mmengine.config import Config

from cleaners.testing import tiny_ssc_net


@pytest.fixture
def count(monkeypatch, tmp_path):
    """Count a config, from the folder of the test."""
    Config(dict(model=tiny_ssc_net())).dump(str(tmp_path / 'plain.py'))
    monkeypatch.chdir(tmp_path)

    def run(*args):
        call_tool(monkeypatch, 'analysis_tools/get_flops.py', *args)

    return run


def test_what_is_written_is_what_is_printed(count, capsys, tmp_path):
    count('plain.py', '--json', 'new/counts.json')
    numbers = json.loads((tmp_path / 'new/counts.json').read_text())
    printed = capsys.readouterr().out
    assert numbers['config'] == 'plain.py'
    assert printed.startswith('plain.py: an image of 32 x 64')
    for row in (numbers['total'], *numbers['parts'].values()):
        assert f'{row["parameters"]:,}' in printed
        assert f'{row["gflop"]:.2f}' in printed


@pytest.mark.parametrize(
    'args, message',
    [
        (['none.py'], "config 'none.py' not found"),
        (
            ['plain.py', '--cfg-options', 'modl.x=1'],
            "there is no 'modl', did you mean 'model'?",
        ),
        (['empty.py'], "has no 'model', which this task measures"),
    ],
)
def test_bad_input_gets_one_line(count, tmp_path, args, message):
    (tmp_path / 'empty.py').write_text('seed = 1\n')
    with pytest.raises(SystemExit, match='^error: ') as stop:
        count(*args)
    assert message in stop.value.code and '\n' not in stop.value.code
