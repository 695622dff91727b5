"""The command line of the tools."""

import os
import subprocess
import sys

import pytest


@pytest.fixture(scope='session')
def run_tool(repo_root):
    """Run a tool of the project; returns the finished process."""

    def run(tool, *args):
        command = [sys.executable, str(repo_root / 'tools' / tool)]
        return subprocess.run(
            [*command, *map(str, args)],
            capture_output=True,
            text=True,
            env=dict(os.environ, OMP_NUM_THREADS='1'),
            check=False,
        )

    return run


@pytest.fixture(scope='session')
def create_data(run_tool):
    """Run tools/create_data.py."""
    return lambda *args: run_tool('create_data.py', *args)
