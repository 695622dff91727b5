"""The skeleton of the tools."""

import argparse
import os

import numpy as np
import pytest

from cleaners.geometry.pose import check_pose
from cleaners.utils.command_line import ending_in, positive, run_tool
from cleaners.utils.errors import InputError, user_message, values_are_input


def start(work, on_interrupt='', **args):
    """Run a tool with a command line."""
    run_tool(lambda: argparse.Namespace(**args), work, on_interrupt)


def failing(error):
    """Work that ends with an error."""

    def work(args):
        raise error

    return work


@pytest.mark.parametrize(
    'hint, line',
    [
        ('', 'interrupted\n'),
        ('run it again', 'interrupted; run it again\n'),
    ],
)
def test_an_interrupt_is_told_as_a_shell_does(capsys, hint, line):
    with pytest.raises(SystemExit) as stop:
        start(failing(KeyboardInterrupt()), hint)
    assert stop.value.code == 130
    assert capsys.readouterr().err == line


def test_only_what_a_user_can_mend_is_one_line():
    with pytest.raises(SystemExit) as stop:
        start(failing(InputError('no such thing')))
    assert stop.value.code == 'error: no such thing'
    with pytest.raises(ValueError, match='ours'):
        start(failing(ValueError('ours')))


def test_values_of_pure_code_are_input():
    with pytest.raises(InputError, match='^depth is empty$'):
        with values_are_input():
            raise ValueError('depth is empty')


def test_other_errors_are_input_where_they_are_named():
    with pytest.raises(InputError, match='^none.png: no such photo$'):
        with values_are_input(FileNotFoundError):
            raise FileNotFoundError('none.png: no such photo')
    with pytest.raises(FileNotFoundError):
        with values_are_input():
            raise FileNotFoundError('none.png: no such photo')


@pytest.mark.parametrize('present', [None, '3'])
def test_the_local_rank_reaches_the_environment(monkeypatch, present):
    """What a launcher has set there stays."""
    monkeypatch.setenv('LOCAL_RANK', '')
    monkeypatch.delenv('LOCAL_RANK')
    if present:
        monkeypatch.setenv('LOCAL_RANK', present)
    ranks = []
    start(lambda args: ranks.append(os.environ['LOCAL_RANK']), local_rank=1)
    assert ranks == [present or '1']


def test_a_tool_of_one_process_has_no_rank(monkeypatch):
    monkeypatch.delenv('LOCAL_RANK', raising=False)
    start(lambda args: None)
    assert 'LOCAL_RANK' not in os.environ


@pytest.mark.parametrize(
    'type_, good, bad, message',
    [
        (positive, '0.5', 'nan', 'positive and finite, got nan'),
        (
            ending_in('.json', '.pkl'),
            'a.pkl',
            'a.txt',
            'should end in .json or .pkl, but got a.txt',
        ),
    ],
)
def test_types_of_arguments(type_, good, bad, message):
    assert str(type_(good)) == good
    with pytest.raises(argparse.ArgumentTypeError, match=message):
        type_(bad)


def test_an_array_in_a_message_stays_on_its_line():
    with pytest.raises(InputError) as error, values_are_input():
        check_pose(np.full((4, 4), np.nan))
    assert user_message(error.value).startswith('a pose should be 4 x 4 finite numbers')
