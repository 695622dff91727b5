"""The command line of the tools."""

import runpy
import sys
import uuid

import pytest
from forked_processes import Finished, run_here
from mmengine.config import Config

from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset


@pytest.fixture(scope='session')
def run_tool():
    """Run a tool of the project; returns the finished process."""
    return lambda tool, *args: run_here(tool, args)


@pytest.fixture(scope='session')
def create_data(run_tool):
    """Run tools/create_data.py."""
    return lambda *args: run_tool('create_data.py', *args)


@pytest.fixture
def run(monkeypatch, capfd):
    """Run a tool in this process (importing torch takes seconds)."""

    def run_in(cwd, script, *args):
        monkeypatch.chdir(cwd)
        # two runs may start within one second, and would share their logs
        args = [*map(str, args)]
        at = args.index('--cfg-options') + 1 if '--cfg-options' in args else 0
        name = f'experiment_name=run_{uuid.uuid4().hex}'
        args = [*args[:at], name, *args[at:]] if at else [*args, '--cfg-options', name]
        monkeypatch.setattr(sys, 'argv', [str(script), *args])
        status = 0
        try:
            runpy.run_path(str(script), run_name='__main__')
        except SystemExit as stop:
            status = stop.code
        out, err = capfd.readouterr()
        if isinstance(status, str):  # what the interpreter would print
            status, err = 1, f'{err}{status}\n'
        return Finished(status, out, err)

    return run_in


@pytest.fixture(scope='module')
def tools(repo_root):
    return repo_root / 'tools'


@pytest.fixture(scope='module')
def workspace(tmp_path_factory):
    """A folder with a tiny data set, a config, and nothing else."""
    root = tmp_path_factory.mktemp('workspace')
    write_tiny_dataset(root / 'Tiny')
    cfg = tiny_runner_cfg(
        root / 'Tiny',
        None,
        tiny_ssc_net(),
        log_level='INFO',
        visualizer=dict(type='SSCLocalVisualizer'),
    )
    Config(cfg).dump(str(root / 'tiny.py'))
    return root
