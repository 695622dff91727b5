"""Commands of the pages: their scripts, options, configs and settings are there.

What the tools do is tested elsewhere; here that the pages say it right. Some
run for real, in a folder of their own.
"""

import argparse
import json
import os
import re
import runpy
import sys

import numpy as np
import pytest
from doc_pages import PAGES, ROOT, read
from shell_commands import FOREIGN, Command, all_commands

import cleaners.utils.command_line as command_line
from cleaners.datasets import nyu
from cleaners.engine.run_setup import load_config
from cleaners.structures import FrameSizes
from cleaners.testing import write_tiny_dataset
from cleaners.utils.package_files import list_tools

COMMANDS = all_commands()
# what stands before the arguments of the Python tool behind a shell script
SHELL_SCRIPTS = {
    'dist_test.sh': ('test.py', 'CONFIG CHECKPOINT GPUS'),
    'dist_train.sh': ('train.py', 'CONFIG GPUS'),
    'run.sh': (None, 'CONFIG [GPUS]'),
    'slurm_test.sh': ('test.py', 'PARTITION JOB CONFIG CHECKPOINT'),
    'slurm_train.sh': ('train.py', 'PARTITION JOB CONFIG WORK_DIR'),
}

OPTIONS = {
    option
    for folder in ('tools', 'projects', 'demo')
    for path in (ROOT / folder).rglob('*.py')
    for option in re.findall(r"'(--[a-z][\w-]*)'", path.read_text())
}


def is_python(program):
    return program.split('/')[-1] in ('python', 'python3')


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch):
    """Configs are named from the root."""
    monkeypatch.chdir(ROOT)


@pytest.fixture
def parse(monkeypatch, capsys):
    """Parse the arguments of a tool by its own parser; nothing is run."""
    parsed = []
    monkeypatch.setattr(
        command_line, 'run_tool', lambda parse_args, *_: parsed.append(parse_args())
    )

    def call(script, args):
        monkeypatch.setattr(sys, 'argv', [script, *args])
        try:
            runpy.run_path(script, run_name='__main__')
        except SystemExit:
            pytest.fail(capsys.readouterr().err)
        return parsed.pop()

    return call


def check_python(words, parse):
    if words[1:3] == ['-m', 'cleaners']:
        if words[3:] != ['--help']:
            check_python(['python', str(list_tools()[words[3]]), *words[4:]], parse)
        return
    if words[1] == '-m':
        assert words[2] == 'pytest'
        for word in words[3:]:
            assert not word.startswith('tests/') or os.path.exists(word.split('::')[0])
        return
    assert os.path.isfile(words[1])
    args = parse(words[1], words[2:])
    if getattr(args, 'cfg_options', None) and os.path.isfile(args.config):
        given = dict(launcher='none', work_dir=None) | vars(args)
        given.update(data_root=None, twin=None)  # folders of the reader
        # refuses settings that are not there, or do nothing
        load_config(argparse.Namespace(**given))


def check_bash(words, parse):
    assert os.path.isfile(words[1])
    tool, usage = SHELL_SCRIPTS[os.path.basename(words[1])]
    names, given = usage.split(), words[2:]
    first = [name for name in names if not name.startswith('[')]
    assert len(given) >= len(first), usage
    if tool is None:
        assert len(given) <= len(names), usage
        return
    places = dict(zip(names, given))
    shared = [places[name] for name in ('CONFIG', 'CHECKPOINT') if name in places]
    parse(f'tools/{tool}', [*shared, *given[len(names) :]])


EXTRAS = re.search(r'^EXTRAS = (.*)$', read('setup.py'), re.M)[1]


def check_pip(words):
    text = ' '.join(words)
    for extra in re.findall(r'\.\[([\w,-]+)\]', text):
        for name in extra.split(','):
            assert name in EXTRAS, name
    for name in re.findall(r' -[rc] (\S+)', text):
        assert os.path.isfile(name)


def check_make(words):
    targets = re.findall(r'^([\w-]+):', read('Makefile'), re.M)
    assert set(words[1:]) <= set(targets)


@pytest.mark.parametrize('page', sorted({command.page for command in COMMANDS}))
def test_the_commands_of_a_page_are_right(page, parse):
    for command in (c for c in COMMANDS if c.page == page):
        words = command.words
        for word in words:
            if re.fullmatch(r'[\w./-]*configs/[\w./-]+\.py', word):
                assert os.path.isfile(word), str(command)
        try:
            if is_python(words[0]):
                check_python(words, parse)
            elif words[0] == 'bash':
                check_bash(words, parse)
            elif words[0] == 'pip':
                check_pip(words)
            elif words[0] == 'make':
                check_make(words)
            else:
                assert words[0] in FOREIGN
        except (Exception, pytest.fail.Exception) as error:
            pytest.fail(f'{command}\n{error}')


# of programs that are not of this project
FOREIGN_OPTIONS = {
    '--auto-scale-lr': 'MMDetection3D',
    '--tta': 'MMDetection3D',
    '--dependency': 'sbatch',
    '--fp16': 'trtexec',
    '--help': 'argparse',
    '--no-build-isolation': 'pip',
    '--no-deps': 'pip',
    '--no-warn-conflicts': 'pip',
    '--nproc_per_node': 'torchrun',
    '--onnx': 'trtexec',
}


@pytest.mark.parametrize('page', PAGES)
def test_an_option_that_a_page_names_in_passing_is_one(page):
    """Outside of blocks: one of some tool's parser."""
    text = re.sub(r'^ *```.*?^ *```', '', read(page), flags=re.M | re.S)
    named = {
        option
        for code in re.findall(r'`([^`]+)`', text)
        for option in re.findall(r'(?<![\w-])--[a-z][\w-]*', code)
    }
    assert named <= OPTIONS | set(FOREIGN_OPTIONS)


def test_a_wrong_command_is_found(parse):
    """What is checked above would fail."""
    for wrong in (
        ['python', 'tools/train.py', 'CONFIG', '--no-such-option'],
        ['python', 'tools/no_such_tool.py'],
        ['python', '-m', 'pytest', 'tests/no_such_folder'],
        ['python', '-m', 'cleaners', 'test', '--no-such-option'],
    ):
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            check_python(wrong, parse)
    setting = ['configs/cleaners_b2.py', '--cfg-options', 'model.no_such_part.a=1']
    with pytest.raises(ValueError, match='no_such_part'):
        check_python(['python', 'tools/train.py', *setting], parse)
    with pytest.raises(AssertionError):
        check_bash(['bash', 'tools/dist_train.sh', 'CONFIG'], parse)
    with pytest.raises(AssertionError):
        check_make(['make', 'no-such-target'])
    with pytest.raises(AssertionError):
        check_pip(['pip', 'install', '.[no-such-extra]'])


def find_command(page: str, *words: str) -> Command:
    """Return the command of a page that has these words."""
    return next(c for c in COMMANDS if c.page == page and set(words) <= set(c.words))


@pytest.fixture
def run_here(monkeypatch, tmp_path, capsys):
    """Run a command of a page, in a folder that has the configs; its output."""
    for name in ('configs', 'demo'):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)

    def call(page, *words):
        script, *args = find_command(page, *words).words[1:]
        monkeypatch.setattr(sys, 'argv', [script, *args])
        capsys.readouterr()
        runpy.run_path(str(ROOT / script), run_name='__main__')
        return capsys.readouterr().out

    return call


def test_print_config_runs(run_here, tmp_path):
    out = run_here('docs/useful_tools.md', 'tools/misc/print_config.py')
    assert (tmp_path / 'all.py').read_text() == out
    assert "work_dir = 'work_dirs/cleaners_b2'" in out


def test_analyze_logs_runs(run_here, tmp_path):
    for name in ('cleaners_b2', 'cleaners_b2_baseline'):
        folder = tmp_path / f'work_dirs/{name}/20260101_000000/vis_data'
        folder.mkdir(parents=True)
        entries = [
            dict(loss=2.0, time=0.5, iter=1, epoch=1, step=1),
            {'ssc/mIoU': 40.0, 'step': 1},
        ]
        lines = [json.dumps(entry) + '\n' for entry in entries]
        (folder / 'scalars.json').write_text(''.join(lines))
    out = run_here('docs/useful_tools.md', 'tools/analysis_tools/analyze_logs.py')
    assert out.count('iterations 1') == 2 and (tmp_path / 'curves.png').is_file()


def test_score_runs(run_here, tmp_path):
    """The ground truth as a prediction scores 100."""
    sizes = FrameSizes(nyu.GRID.shape, (160, 160), nyu.NUM_CLASSES)
    write_tiny_dataset(tmp_path / 'DATA_ROOT', 1, 1, sizes)
    (tmp_path / 'PRED_DIR').mkdir()
    with np.load(tmp_path / 'DATA_ROOT/Label/0002.npz') as file:
        label = file['arr_0']
    np.save(tmp_path / 'PRED_DIR/TNY0002.npy', np.where(label == 255, 0, label))
    run_here('docs/evaluation.md', 'tools/score.py')
    scores = json.loads((tmp_path / 'scores.json').read_text())
    assert scores['3dsketch']['ssc/mIoU'] == scores['all']['sc/iou'] == 100


@pytest.mark.slow
def test_get_flops_runs(run_here, tmp_path):
    """The table of the page is what the tool counts."""
    run_here('docs/useful_tools.md', 'tools/analysis_tools/get_flops.py')
    counts = json.loads((tmp_path / 'FILE').read_text())
    page = read('docs/useful_tools.md')
    for name, row in dict(counts['parts'], total=counts['total']).items():
        numbers = f'{row["parameters"]:,} | {row["trainable"]:,} | {row["gflop"]:.2f}'
        assert re.search(rf'^\| `{name}` \|.*\| {re.escape(numbers)} \|$', page, re.M)


@pytest.mark.slow
def test_the_first_room_is_completed(run_here, tmp_path):
    out = run_here('docs/get_started.md', 'demo/room/room.jpg')
    assert 'camera height' in out and 'of the visible surface' in out
    names = {path.name for path in (tmp_path / 'work_dirs/scenes').iterdir()}
    assert {'room.html', 'room.png', 'room.ply', 'room.npz'} <= names
