"""The recipe holds without a tool: Runner and config alone."""

import subprocess
import sys

import pytest
import torch
from mmengine.config import Config

from cleaners.engine.hooks import RuntimeSettingsHook
from cleaners.utils.errors import InputError

PRODUCTS = torch.backends.cuda.matmul, torch.backends.cudnn


@pytest.fixture(autouse=True)
def precision():
    """What a test sets is taken back."""
    before = [settings.allow_tf32 for settings in PRODUCTS]
    yield
    for settings, allow_tf32 in zip(PRODUCTS, before):
        settings.allow_tf32 = allow_tf32


@pytest.mark.parametrize(
    'name, frames, tf32',
    [
        ('cleaners_b2', 4, False),
        ('cleaners_b2_amp', 4, True),
        ('cleaners_efflite0-d32_synth', 2, False),
    ],
)
def test_a_config_is_enough(make_runner, repo_root, name, frames, tf32):
    hooks = Config.fromfile(repo_root / f'configs/{name}.py').default_hooks
    runner = make_runner(
        [hooks.effective_batch, hooks.runtime, hooks.compile], epochs=1
    )
    runner.train()
    assert runner.optim_wrapper._accumulative_counts == frames
    assert [settings.allow_tf32 for settings in PRODUCTS] == [tf32] * 2


# how many blocks a training and then a test take from the system
BLOCKS = """
import ctypes
from types import SimpleNamespace
import torch
from mmengine.config import Config
from cleaners.engine.hooks import RuntimeSettingsHook

class Info(ctypes.Structure):  # mallinfo2(3)
    _fields_ = [(name, ctypes.c_size_t) for name in (
        'arena', 'ordblks', 'smblks', 'hblks', 'hblkhd', 'usmblks', 'fsmblks',
        'uordblks', 'fordblks', 'keepcost')]
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Info

def mapped_by(megabytes):
    before = mallinfo().hblks
    tensor = torch.ones(megabytes * 2**18)
    return mallinfo().hblks - before

hook = RuntimeSettingsHook(keep_freed_mb=4)
runner = SimpleNamespace(cfg=Config())
hook.before_run(runner)
print(mapped_by(3), mapped_by(64))
hook.before_test(runner)
print(mapped_by(64))
hook.before_run(runner)
print(mapped_by(512))
"""


@pytest.mark.long
@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='glibc is asked')
def test_a_test_keeps_all_memory_and_a_training_does_not():
    """What goes back to the system is a mapping of its own."""
    result = subprocess.run(
        [sys.executable, '-c', BLOCKS], check=True, capture_output=True, text=True
    )
    assert result.stdout.split() == ['0', '1', '0', '1']


@pytest.mark.parametrize('size', [33, -1, '4'])
def test_a_size_that_glibc_does_not_know(size):
    with pytest.raises(
        InputError, match='default_hooks.runtime.keep_freed_mb should lie in 0..32'
    ):
        RuntimeSettingsHook(keep_freed_mb=size)


def test_a_setting_that_nothing_reads_is_refused(make_runner):
    runner = make_runner(
        ['RuntimeSettingsHook'], cfg=Config(dict(env_cfg=dict(allow_tf32=True)))
    )
    with pytest.raises(InputError, match="'env_cfg.allow_tf32' does nothing"):
        runner.train()
