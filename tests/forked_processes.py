"""What tests run in processes of their own.

The processes are forked from a server that has imported everything once, so
that starting one takes no time; each is a real process, with its own process
group, data loader workers and death.
"""

import contextlib
import multiprocessing
import os
import runpy
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import NamedTuple

import torch
import torch.distributed as dist
from mmengine.config import config
from mmengine.runner import Runner

TOOLS = Path(__file__).resolve().parents[1] / 'tools'
FORKSERVER = multiprocessing.get_context('forkserver')
# what a training imports on its way, and what the tests do
FORKSERVER.set_forkserver_preload(
    [
        'cleaners.register_modules',
        'mmdet3d.engine',
        'mmdet3d.evaluation',
        'mmdet3d.visualization',
        'mmseg.datasets',
        'setuptools',
        'torch._dynamo',
        'torch.distributed.algorithms.ddp_comm_hooks.default_hooks',
        'pytest',
        __name__,
    ]
)


def run_ranks(world_size, folder, function, *args):
    """Run a function in processes that talk through gloo.

    Args:
        world_size (int): Number of processes.
        folder (Path): Where they meet; a new one for every call.
        function (Callable): Of a module that the processes can import.
        *args: Of the function.

    Returns:
        list: What each process has returned.
    """
    torch.multiprocessing.start_processes(
        _run_rank,
        (world_size, str(folder), function, args),
        world_size,
        start_method='forkserver',
    )
    return [
        torch.load(folder / f'{rank}.pt', weights_only=False)
        for rank in range(world_size)
    ]


def _run_rank(rank, world_size, folder, function, args):
    os.chdir(folder)  # a metric that is collected leaves a folder
    os.environ['LOCAL_RANK'] = str(rank)  # as a launcher does
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{folder}/meeting', rank=rank, world_size=world_size
    )
    torch.save(function(*args), f'{folder}/{rank}.pt')
    dist.destroy_process_group()


def start_tool(cwd, script, args, env=None, kill_at=None):
    """Start a tool of the project; its output goes to ``cwd``/log.txt.

    Args:
        cwd (Path): Working directory.
        script (str): File in tools/.
        args (Sequence[str]): Of the command line.
        env (dict, optional): Added to the environment. Defaults to None.
        kill_at (tuple, optional): (moment, n), see :func:`kill_self_at`.
            Defaults to None.

    Returns:
        Process: Started.
    """
    process = FORKSERVER.Process(
        target=_run_tool, args=(str(cwd), script, list(args), env or {}, kill_at)
    )
    process.start()
    return process


def run_tool(*args, **kwargs):
    """Run a tool as :func:`start_tool` does; returns its exit code."""
    process = start_tool(*args, **kwargs)
    process.join()
    return process.exitcode


class Finished(NamedTuple):
    """What is left of a tool."""

    returncode: int
    stdout: str
    stderr: str


def run_here(script, args):
    """Run a tool from the folder and in the environment of the tests.

    Args:
        script (str): File in tools/.
        args (Sequence[object]): Of the command line.

    Returns:
        Finished: As :func:`subprocess.run` has it.
    """
    with tempfile.TemporaryDirectory() as folder:
        outputs = [os.path.join(folder, name) for name in ('stdout', 'stderr')]
        command = script, [str(arg) for arg in args]
        process = FORKSERVER.Process(
            target=_run_here, args=(os.getcwd(), dict(os.environ), outputs, *command)
        )
        process.start()
        process.join()
        return Finished(process.exitcode, *(Path(path).read_text() for path in outputs))


def _run_here(cwd, env, outputs, script, args):
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env, OMP_NUM_THREADS='1')
    torch.set_num_threads(1)
    for number, path in enumerate(outputs, start=1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = [str(TOOLS / script), *args]
    runpy.run_path(sys.argv[0], run_name='__main__')


def run_tool_ranks(world_size, cwd, script, args, kill_at=None):
    """Run a tool in several processes, as torchrun would; the exit codes.

    Args:
        world_size (int): Number of processes.
        cwd, script, args: As for :func:`start_tool`.
        kill_at (tuple, optional): When the first process dies.
    """
    store = dist.TCPStore(
        'localhost', 0, world_size, is_master=True, wait_for_workers=False
    )
    processes = [
        start_tool(
            cwd,
            script,
            [*args, '--launcher', 'pytorch'],
            dict(
                RANK=str(rank),
                LOCAL_RANK=str(rank),
                WORLD_SIZE=str(world_size),
                MASTER_ADDR='localhost',
                MASTER_PORT=str(store.port),
                TORCHELASTIC_USE_AGENT_STORE='True',
            ),
            kill_at=None if rank else kill_at,
        )
        for rank in range(world_size)
    ]
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]


def _run_tool(cwd, script, args, env, kill_at):
    os.chdir(cwd)
    os.environ.update(env, CUDA_VISIBLE_DEVICES='')
    torch.set_num_threads(1)
    sys.argv = [script, *args]
    # most of the time of a run this small: every checkpoint holds the config,
    # laid out by yapf
    config.FormatCode = lambda text, **kwargs: (text, True)
    if kill_at is not None:
        kill_self_at(*kill_at)
    with open('log.txt', 'a', encoding='utf-8') as log:
        with contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
            try:
                runpy.run_path(str(TOOLS / script), run_name='__main__')
            except BaseException:
                traceback.print_exc()
                raise


def kill_self_at(moment, n):
    """Let this process die by SIGKILL.

    Args:
        moment (str): A hook point of mmengine's Runner ('before_val_iter',
            ...), before its hooks are called; or 'write', when half of a
            file is written.
        n (int): Die when the moment has come so many times.
    """
    seen = 0

    def die_in_time(now):
        nonlocal seen
        seen += now == moment
        if seen == n:
            os.kill(os.getpid(), signal.SIGKILL)

    call_hook, fsync = Runner.call_hook, os.fsync

    def call_hook_or_die(runner, fn_name, **kwargs):
        die_in_time(fn_name)
        call_hook(runner, fn_name, **kwargs)

    def fsync_or_die(fd):
        if moment == 'write' and seen == n - 1:
            os.ftruncate(fd, os.fstat(fd).st_size // 2)
        die_in_time('write')
        fsync(fd)

    Runner.call_hook, os.fsync = call_hook_or_die, fsync_or_die
