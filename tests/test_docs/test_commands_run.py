"""The commands of the pages run, those that can run here, page by page.

Each page has folders of its own, so that its commands go on from one another's
results; what a command needs and no command of its page makes is put there.
"""

import re
import shutil
from pathlib import Path

import pytest
from doc_pages import ROOT
from forked_processes import run_tool
from mmengine.config import Config, config
from mmengine.registry import init_default_scope
from reader_folders import write_clones, write_preparing_folder, write_training_folder
from shell_commands import FOREIGN, all_commands

from cleaners.utils.checkpoint import find_best_checkpoint
from cleaners.utils.shipped_weights import shipped_names

# what changes the machine, CI's targets, and the tests themselves
LEFT_OUT = {'make', 'pip', 'pytest'}
# words of commands that need what a page does not have, and the tests that run them
ELSEWHERE = {
    '--dask': 'tests/test_data_preparation/test_dask.py',
    'cleaners': 'tests/test_tools/test_module.py',
    'tools/dist_test.sh': 'tests/test_distributed/test_launch_scripts.py',
    'tools/dist_train.sh': 'tests/test_distributed/test_launch_scripts.py',
    'tools/run.sh': 'tests/test_tools/test_run_sh.py',
    'tools/slurm_test.sh': 'tests/test_distributed/test_launch_scripts.py',
    'tools/slurm_train.sh': 'tests/test_distributed/test_launch_scripts.py',
    'docs/examples/gatenet/configs/gatenet_efflite0-d32.py': (
        'tests/test_docs/test_extending.py'
    ),
    'tools/deployment/export_model.py': 'tests/test_tools/test_export_model.py',
    'tools/experiments/distillation_gain.py': (
        'tests/test_experiments/test_distillation_gain.py'
    ),
    'tools/misc/model_zoo.py': 'tests/test_analysis/test_model_zoo.py',
    'tools/model_converters/ship_model.py': 'tests/test_utils/test_shipped_weights.py',
    'tools/model_converters/official2ammnet.py': (
        'tests/test_projects/test_ammnet_weights.py'
    ),
    'tools/model_converters/official2cleaners.py': (
        'tests/test_models/test_official_weights.py'
    ),
    'tools/model_converters/official2cvsformer.py': (
        'tests/test_projects/test_official_checkpoints.py'
    ),
    'tools/model_converters/official2sketch3d.py': (
        'tests/test_projects/test_official_checkpoints.py'
    ),
    'tools/model_converters/segformer2mmseg.py': (
        'tests/test_models/test_official_weights.py'
    ),
    'tools/model_converters/torchvision2mmseg.py': (
        'tests/test_tools/test_torchvision2mmseg.py'
    ),
    'tools/score.py': 'tests/test_docs/test_commands.py',
    'tools/serve.py': 'tests/test_tools/test_serve.py',
}
# what data are prepared with, or what has its real size
PREPARING = re.compile(
    r'tools/(create_data|misc/browse_dataset|analysis_tools/seg2d_leak'
    r'|experiments/fusion_gain)\.py|demo/|--root-path|data/(Mine|Labelled)|'
    + '|'.join(f'^{name}$' for name in shipped_names())
)
_OWN = {'data/Mine', 'data/Labelled'}
# what a reader fills in; and less of what only takes time
WORDS = {
    'CONFIG': 'configs/cleaners_b2_baseline.py',
    'load_from=FILE': 'load_from=work_dirs/cleaners_b2_baseline',
    'model.teacher_ckpt=path/to/teacher.pth': (
        'model.teacher_ckpt=work_dirs/cleaners_b2_teacher'
    ),
    '--num-train 32': '2',
    '--num-val 8': '1',
    '--repeats 9': '1',
    '--workers 8': '1',
    'load_from=cleaners_efflite0-d32_baseline': (
        'load_from=cleaners_efflite0-d32_baseline train_cfg.max_epochs=1 '
        'param_scheduler.T_max=1'
    ),
    'param_scheduler.T_max=150': 'param_scheduler.T_max=2',
    'train_cfg.max_epochs=150': 'train_cfg.max_epochs=2',
}
ADDED = {
    'tools/analysis_tools/benchmark.py': '--repeats 1',
    'tools/experiments/compare_networks.py run': '--epochs 1 --pretrain-epochs 1',
    'tools/experiments/fusion_gain.py': '--rooms 1',
}


def runs_here(command):
    is_foreign = command.words[0] in FOREIGN
    return not (is_foreign or (LEFT_OUT | ELSEWHERE.keys()) & set(command.words))


COMMANDS = list(filter(runs_here, all_commands()))
PAGES = sorted({command.page for command in COMMANDS})


def fill_in(words):
    """The arguments of a command as they are run here."""
    text = ' '.join(words)
    for given, meant in WORDS.items():
        option, _, rest = given.partition(' ')
        meant = f'{option} {meant}' if rest else meant
        text = re.sub(rf'(?<!\S){re.escape(given)}(?!\S)', meant, text)
    for start, more in ADDED.items():
        if text.startswith(start) and more.split()[0] not in text:
            text = f'{text} {more}'
    return text.split()


class Reader:
    """Runs the commands of a page in order.

    Args:
        templates (Path): Of what both folders begin with, and of networks that
            were trained once for all pages.
        folder (Path): Gets both folders.
    """

    def __init__(self, templates, folder):
        for name in ('train', 'prepare'):
            shutil.copytree(templates / name, folder / name, symlinks=True)
        self.training, self.preparing = folder / 'train', folder / 'prepare'
        self._templates = templates

    def run(self, words):
        """Run a command; put there what it needs."""
        script, *arguments = fill_in(words[1:])
        folder = self.training
        if any(map(PREPARING.search, words)):
            folder = self.preparing
            self._put_data(words)
        else:
            self._put_networks(script, arguments)
        for again in _repeat(arguments):
            status = run_tool(folder, f'../{script}', list(_expand(folder, again)))
            log = folder / 'log.txt'
            text = log.read_text()
            log.unlink()
            assert status == 0, f'{script} {again}\n{text[-3000:]}'

    def _put_data(self, words):
        """What is read of data/NYU was put together from public repositories.

        What is made of raw files goes into a folder that holds nothing else.
        """
        data, public = self.preparing / 'data', self._templates / 'public/data'
        is_read = {'tsdf-cad', 'tools/test.py', 'tools/analysis_tools/seg2d_leak.py'}
        is_public = (data / 'NYU/Label2D').is_dir()
        if '--root-path' in words and is_public:
            shutil.rmtree(data)
        elif is_read & set(words) and not is_public and not _OWN & set(words):
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(public, data)

    def _put_networks(self, script, arguments):
        """What is read of work_dirs was trained before, for an epoch."""
        named = ' '.join(arguments)
        needed = set(re.findall(r'work_dirs/(\w+_[\w-]+)', named))
        if script == 'tools/train.py':
            needed |= _teacher_of(self.training / arguments[0])
        if '--resume' in arguments:
            name = arguments[0].split('/')[-1].removesuffix('.py')
            shutil.rmtree(self.training / 'work_dirs' / name, ignore_errors=True)
            needed.add(name)
        for name in sorted(needed):
            if (ROOT / f'configs/{name}.py').is_file():
                self._put_network(name)
        if 'OURS.pth' in arguments:
            name = arguments[0].split('/')[-1].removesuffix('.py')
            self._put_network(name)
            best = find_best_checkpoint(str(self.training / 'work_dirs' / name))
            shutil.copy(best, self.training / 'OURS.pth')

    def _put_network(self, name):
        target = self.training / 'work_dirs' / name
        if not target.exists():
            shutil.copytree(train_once(self._templates / 'made', name), target)


def _repeat(arguments):
    """Machines, and rounds of a loop, that run one command with a number each."""
    if '1/4' in arguments:
        numbers, patterns = range(1, 5), [('1/4', '{}/4')]
    elif any('filter_cfg.fold=1' in word for word in arguments):
        numbers, patterns = range(5), [('fold=1', 'fold={}'), ('fold1', 'fold{}')]
    else:
        return [arguments]
    rounds = []
    for number in numbers:
        words = arguments
        for one, every in patterns:
            words = [word.replace(one, every.format(number)) for word in words]
        rounds.append(words)
    return rounds


def _expand(folder, words):
    """Name the files that a pattern stands for, as a shell does."""
    for word in words:
        found = sorted(folder.glob(word)) if '[' in word else []
        yield from (
            (str(path.relative_to(folder)) for path in found) if found else [word]
        )


def _teacher_of(path):
    """The name of the config that a student learns from, if it is one."""
    hook = Config.fromfile(path).default_hooks.get('teacher', {})
    config = hook.get('teacher_config')
    return {config.split('/')[-1].removesuffix('.py')} if config else set()


def train_once(folder, name):
    """Train a network, after its teacher; return its work dir."""
    work_dir = folder / 'work_dirs' / name
    if not work_dir.exists():
        for teacher in _teacher_of(folder / f'configs/{name}.py'):
            train_once(folder, teacher)
        assert run_tool(folder, 'train.py', [f'configs/{name}.py']) == 0, name
    return work_dir


@pytest.fixture(scope='module')
def templates(tmp_path_factory, room, write_release):
    """The folders of a reader: for training, for preparing, and what is public."""
    init_default_scope('mmdet3d')
    folder = tmp_path_factory.mktemp('reader')
    # most of the time: the text of a config is laid out by yapf
    layout, config.FormatCode = config.FormatCode, lambda text, **_: (text, True)
    write_training_folder(folder / 'train')
    config.FormatCode = layout
    shutil.copytree(folder / 'train', folder / 'made', symlinks=True)
    write_preparing_folder(folder / 'prepare', room, write_release)
    rooms = folder / 'rooms/SynthRooms'
    arguments = ['synth', '--num-train', '2', '--num-val', '1', '--out-dir', str(rooms)]
    assert run_tool(folder, 'create_data.py', arguments) == 0
    write_clones(folder / 'prepare/data', rooms)
    (command,) = {
        tuple(command.words[2:])
        for command in COMMANDS
        if command.page == 'data/README.md' and 'nyu-public' in command.words
    }
    (folder / 'public/data').mkdir(parents=True)
    for name in ('CVSformer', 'refinenet_pytorch'):
        (folder / 'public/data' / name).symlink_to(folder / 'prepare/data' / name)
    assert run_tool(folder / 'public', 'create_data.py', fill_in(command)) == 0
    return folder


@pytest.mark.long
@pytest.mark.parametrize('page', PAGES)
def test_the_commands_of_a_page_run(page, templates, tmp_path):
    reader = Reader(templates, tmp_path)
    for command in COMMANDS:
        if command.page == page:
            reader.run(command.words)


@pytest.mark.parametrize('word', ELSEWHERE)
def test_what_does_not_run_here_runs_elsewhere(word):
    assert any(word in command.words for command in all_commands())
    text = (ROOT / ELSEWHERE[word]).read_text()
    is_tool = word.startswith('tools/')
    assert (word.removeprefix('tools/') if is_tool else Path(word).stem) in text
