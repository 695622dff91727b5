"""The command line of the tools."""

import pytest
from forked_processes import run_here


@pytest.fixture(scope='session')
def run_tool():
    """Run a tool of the project; returns the finished process."""
    return lambda tool, *args: run_here(tool, args)


@pytest.fixture(scope='session')
def create_data(run_tool):
    """Run tools/create_data.py."""
    return lambda *args: run_tool('create_data.py', *args)
