"""Networks at an equal budget: what is trained, how, and the table."""

import json
import runpy
import sys
from pathlib import Path

import pytest
from mmengine.config import Config

from cleaners.experiments.comparison_page import write_page
from cleaners.experiments.comparison_plan import open_plan
from cleaners.experiments.network_stages import SCORES, pretrained_options
from cleaners.utils.errors import InputError

BASELINE = 'configs/cleaners_efflite0-d32_baseline.py'
STUDENT = 'configs/cleaners_efflite0-d32.py'
AMMNET = 'configs/ammnet_efflite0-d32.py'
DEPTH = 'configs/cleaners_depth-d32_baseline.py'
PRETRAIN = 'configs/pretrain2d_efflite0-d32.py'


@pytest.fixture
def begin(repo_root, tmp_path, monkeypatch):
    """Begin a comparison in a folder of its own."""
    monkeypatch.chdir(repo_root)

    def begin(**given):
        return open_plan(tmp_path / 'compare', dict(data_root='d', twin='t', **given))

    return begin


def options_of(stage):
    """Settings of a stage, by key."""
    start = stage.command.index('--cfg-options') + 1
    texts = [text for text in stage.command[start:] if '=' in text]
    return dict(text.split('=', 1) for text in texts)


def test_every_network_gets_the_same_budget(begin):
    plan = begin(configs=[BASELINE, AMMNET, DEPTH], pretrain=PRETRAIN, epochs=7)
    stages = {stage.name: stage for stage in plan.stages()}
    assert list(stages) == [
        'pretrain2d',
        *(
            f'{name}-seed0/{step}'
            for name in ('cleaners_efflite0-d32_baseline', 'ammnet_efflite0-d32')
            for step in ('train', 'test')
        ),
        'cleaners_depth-d32_baseline-seed0/train',
        'cleaners_depth-d32_baseline-seed0/test',
    ]
    weights = str(plan.folder / 'pretrain2d/epoch_6.pth')
    baseline = options_of(stages['cleaners_efflite0-d32_baseline-seed0/train'])
    assert baseline['param_scheduler.T_max'] == '7'
    assert baseline['model.pretrained_2d'] == weights
    ammnet = options_of(stages['ammnet_efflite0-d32-seed0/train'])
    for options in (baseline, ammnet):
        assert options['train_cfg.max_epochs'] == '7'
        assert options['val_cfg'] == 'None'  # the test split is not looked at
    assert ammnet['param_scheduler.generator.T_max'] == '7'
    assert ammnet['model.generator.pretrained_2d'] == weights
    depth = stages['cleaners_depth-d32_baseline-seed0/train']
    assert depth.needs == () and not any('pretrained' in c for c in depth.command)


def test_a_student_gets_its_teacher_once(begin):
    plan = begin(configs=[STUDENT], seeds=[3, 4])
    stages = {stage.name: stage for stage in plan.stages()}
    teacher, student = 'cleaners_efflite0-d32_teacher', 'cleaners_efflite0-d32'
    assert list(stages) == [
        f'{teacher}-seed3/train',
        f'{teacher}-seed3/test',
        *(f'{student}-seed{n}/{step}' for n in (3, 4) for step in ('train', 'test')),
    ]
    for seed in (3, 4):
        train = stages[f'{student}-seed{seed}/train']
        assert train.needs == (f'{teacher}-seed3/train',)
        assert options_of(train)['model.teacher_ckpt'] == str(
            plan.checkpoint(f'{teacher}-seed3')
        )
        # it is tested on what the sensor saw, the teacher on clean surfaces
        assert '--twin' in train.command
        assert '--twin' not in stages[f'{student}-seed{seed}/test'].command
    assert '--twin' in stages[f'{teacher}-seed3/test'].command


@pytest.mark.parametrize(
    'config, expected',
    [
        ('configs/cleaners_b2.py', {'student', 'teacher'}),
        ('configs/ammnet_b2.py', {'generator'}),
    ],
)
def test_each_network_of_a_config_starts_from_the_2dnet(repo_root, config, expected):
    options = pretrained_options(Config.fromfile(repo_root / config), 'x.pth')
    assert options == {f'model.{part}.pretrained_2d': 'x.pth' for part in expected}


@pytest.mark.parametrize(
    'given, message',
    [
        (dict(configs=[]), 'which networks'),
        (dict(configs=['configs/none.py']), "config 'configs/none.py' not found"),
        (dict(configs=[BASELINE, f'./{BASELINE}']), 'several configs are named'),
        (dict(configs=[BASELINE], seeds=[0, 1, 0]), r'--seeds has one of \(0, 1, 0\)'),
    ],
)
def test_what_cannot_be_compared_is_not_begun(begin, tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        begin(**given)
    assert not (tmp_path / 'compare').exists()


def test_there_is_no_page_of_nothing(begin, tmp_path, monkeypatch):
    plan = begin(configs=[DEPTH])
    page = tmp_path / 'page.md'
    command = ['page', '--work-dir', str(plan.folder), '--out', str(page)]
    script = Path('tools/experiments/compare_networks.py')
    monkeypatch.setattr(sys, 'argv', [str(script), *command])
    with pytest.raises(SystemExit, match='no network is trained and tested yet'):
        runpy.run_path(str(script), run_name='__main__')
    assert not page.exists()


def test_the_table_has_sizes_and_scores(begin, tmp_path):
    plan = begin(configs=[DEPTH, BASELINE], seeds=[0, 1])
    for seed, miou in ((0, 20.0), (1, 22.0)):
        path = plan.folder / f'cleaners_depth-d32_baseline-seed{seed}' / SCORES
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(_scores(miou)))
    write_page(plan, tmp_path / 'page.md')
    lines = Path(tmp_path / 'page.md').read_text().splitlines()
    row = next(line for line in lines if line.startswith('| cleaners_depth'))
    cells = [cell.strip() for cell in row.strip('|').split('|')]
    assert cells[3:] == ['50.0 ± 0.0'] * 3 + ['21.0 ± 1.4']
    assert cells[1:3] == ['0.28', '19']  # as get_flops.py counts
    # the network without scores is left out
    assert not any('efflite0' in line for line in lines if line.startswith('|'))


def _scores(miou):
    from cleaners.datasets.nyu import CLASSES

    totals = dict.fromkeys(('sc/precision', 'sc/recall', 'sc/iou'), 50.0)
    classes = {f'ssc/{name}': 10.0 for name in CLASSES[1:]}
    return {**totals, **classes, 'ssc/mIoU': miou}
