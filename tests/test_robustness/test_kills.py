"""Killed at random moments, a command that is run again ends as if it never was."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from result_digests import results_of

# twenty in all
KILLS = [('train', 8), ('prepare', 7), ('export', 5)]


@pytest.mark.slow
@pytest.mark.parametrize('name, kills', KILLS)
def test_killed_and_run_again(start, tmp_path, name, kills):
    began = time.monotonic()
    whole = start(name, tmp_path / 'whole/out')
    assert whole.wait() == 0, whole.stderr.read()
    lasted = time.monotonic() - began
    rng = random.Random(name)
    while kills:
        process = start(name, tmp_path / 'cut/out')
        try:
            process.communicate(timeout=rng.uniform(0.3, 1) * lasted)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        kills -= process.returncode == -signal.SIGKILL
        if process.returncode == 0:  # it was done: the next one begins anew
            shutil.rmtree(tmp_path / 'cut')
    last = start(name, tmp_path / 'cut/out')
    assert last.wait() == 0, last.stderr.read()
    expected = results_of(tmp_path / 'whole')
    assert expected and results_of(tmp_path / 'cut') == expected
