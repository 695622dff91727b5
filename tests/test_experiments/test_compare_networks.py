"""Networks at an equal budget: what is trained, how, and the table."""

import json
import re

import pytest
from in_process import call_tool
from mmengine.config import Config

from cleaners.experiments.comparison_page import write_page
from cleaners.experiments.comparison_plan import open_plan
from cleaners.experiments.network_stages import SCORES, NetworkStages
from cleaners.experiments.training_options import (
    pretrained_options,
    schedule_options,
)
from cleaners.testing.tiny import write_tiny_dataset
from cleaners.utils.errors import InputError

BASELINE = 'configs/cleaners_efflite0-d32_baseline.py'
STUDENT = 'configs/cleaners_efflite0-d32.py'
AMMNET = 'configs/ammnet_efflite0-d32.py'
DEPTH = 'configs/cleaners_depth-d32_baseline.py'
PREDICTED = 'configs/cvsformer_pred2d-d32.py'
LEAKED = 'configs/cvsformer_seg2d-d32.py'
PRETRAIN = 'configs/pretrain2d_efflite0-d32.py'


@pytest.fixture
def begin(repo_root, tmp_path, monkeypatch):
    """Begin a comparison in a folder of its own."""
    monkeypatch.chdir(repo_root)

    def begin(**given):
        places = dict(data_root='d', twin='t')
        return open_plan(tmp_path / 'compare', {**places, **given})

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


def test_a_twin_that_nothing_reads_is_not_made(begin):
    baseline = begin(configs=[DEPTH], twin='')
    assert [stage.name for stage in baseline.stages()][0].endswith('/train')
    assert not any('poses' in word for s in baseline.stages() for word in s.command)


def test_a_test_waits_for_the_cameras(begin):
    """That are with the twin."""
    stages = {stage.name: stage for stage in begin(configs=[STUDENT], twin='').stages()}
    assert next(iter(stages)) == 'twin'
    tests = [stage for name, stage in stages.items() if name.endswith('/test')]
    assert len(tests) == 2 and all('twin' in stage.needs for stage in tests)


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
            plan.folder / f'{teacher}-seed3/epoch_20.pth'
        )
        # it is tested on what the sensor saw, the teacher on clean surfaces
        assert '--twin' in train.command
        assert '--twin' not in stages[f'{student}-seed{seed}/test'].command
    assert '--twin' in stages[f'{teacher}-seed3/test'].command


def test_2d_labels_are_predicted_by_networks_that_have_not_seen_them(begin):
    plan = begin(configs=[PREDICTED, BASELINE], pretrain=PRETRAIN, epochs=2)
    stages = {stage.name: stage for stage in plan.stages()}
    folds = [f'pretrain2d_fold{fold}' for fold in range(5)]
    assert list(stages)[:7] == ['pretrain2d', *folds, 'predict_seg2d']
    for fold, name in enumerate(folds):
        options = options_of(stages[name])
        assert options['train_dataloader.dataset.filter_cfg.fold'] == str(fold)
        assert stages[name].command[1] == 'configs/pretrain2d_efflite0-d32_fold.py'
    predict = stages['predict_seg2d']
    assert predict.needs == ('pretrain2d', *folds)
    paths = [str(plan.folder / name / 'epoch_6.pth') for name in predict.needs]
    assert predict.command[1:8] == (PRETRAIN, paths[0], '--folds', *paths[1:5])
    assert predict.command[-1] == str(predict.result)
    train = stages['cvsformer_pred2d-d32-seed0/train']
    assert train.needs == ('predict_seg2d',)
    assert not any('pretrained' in word for word in train.command)


def test_a_row_that_knows_the_test_labels_is_marked(begin, tmp_path):
    root = tmp_path / 'NYU'
    write_tiny_dataset(root, 2, 1, name='nyu')
    plan = begin(configs=[LEAKED, BASELINE], data_root=str(root))
    for name in ('cvsformer_seg2d-d32', 'cleaners_efflite0-d32_baseline'):
        path = plan.folder / f'{name}-seed0' / SCORES
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(_scores(20.0)))
    write_page(plan, tmp_path / 'page.md')
    page = (tmp_path / 'page.md').read_text()
    assert '| cvsformer_seg2d-d32 | depth, 2D labels (Seg2D) | 26.97 | 26.97 |' in page
    assert 'Seg2D knows the labels of the test frames' in page
    # the encoder of the photo is frozen
    assert '| cleaners_efflite0-d32_baseline | depth, photo | 3.25 | 0.30 |' in page


@pytest.mark.parametrize(
    'config, expected',
    [
        ('cleaners_b2', {'student', 'teacher'}),
        ('ammnet_b2', {'generator'}),
        ('ammnet_b2_cleaners-adv', {'generator.student', 'generator.teacher'}),
        # what they see of a photo are labels
        ('cleaners_seg2d-d32_baseline', set()),
        ('cvsformer_seg2d-d32', set()),
        ('cleaners_depth-d32', set()),
    ],
)
def test_each_network_of_a_config_starts_from_the_2dnet(repo_root, config, expected):
    cfg = Config.fromfile(repo_root / f'configs/{config}.py')
    options = pretrained_options(cfg, 'x.pth')
    assert options == {f'model.{part}.pretrained_2d': 'x.pth' for part in expected}


def test_a_distiller_that_is_a_generator_gets_its_teacher(begin):
    plan = begin(configs=['configs/ammnet_b2_cleaners-adv.py'])
    student = plan.stages()[-2]
    assert student.needs == ('ammnet_b2_teacher-seed0/train',)
    assert options_of(student)['model.generator.teacher_ckpt'] == str(
        plan.folder / 'ammnet_b2_teacher-seed0/epoch_20.pth'
    )


@pytest.mark.parametrize(
    'config, ends',
    [
        ('cleaners_b2', ['param_scheduler.T_max']),
        ('sketch3d_r50', ['param_scheduler.end']),
        ('cvsformer_seg2d', ['param_scheduler.end']),
        ('ammnet_b2', ['param_scheduler.generator.T_max']),
    ],
)
def test_every_schedule_ends_with_the_budget(repo_root, config, ends):
    cfg = Config.fromfile(repo_root / f'configs/{config}.py')
    expected = dict.fromkeys(['train_cfg.max_epochs', *ends], 7)
    assert schedule_options(cfg, 7) == expected


def test_a_warm_up_stays_and_what_cannot_be_shortened_is_refused():
    cosine = dict(type='CosineAnnealingLR', T_max=9, begin=1)
    cfg = Config(dict(train_cfg=dict(max_epochs=9)))
    cfg.param_scheduler = [dict(type='LinearLR', end=1), cosine]
    assert schedule_options(cfg, 7)['param_scheduler.1.T_max'] == 7
    assert 'param_scheduler.0.end' not in schedule_options(cfg, 7)
    cosine['T_max'] = 8
    cfg.param_scheduler = cosine
    with pytest.raises(InputError, match='no schedule of param_scheduler ends after'):
        schedule_options(cfg, 7)


@pytest.mark.parametrize(
    'given, message',
    [
        (dict(configs=[]), 'which networks'),
        (dict(configs=['configs/none.py']), "config 'configs/none.py' not found"),
        (dict(configs=[BASELINE, f'./{BASELINE}']), 'several configs are named'),
        (dict(configs=[PREDICTED]), 'labels that a 2DNet predicts: .* by --pretrain'),
        (
            dict(configs=[PREDICTED], pretrain=DEPTH),
            "'configs/cleaners_depth-d32_baseline_fold.py' not found",
        ),
        (dict(configs=[BASELINE], seeds=[0, 1, 0]), r'--seeds has one of \(0, 1, 0\)'),
    ],
)
def test_what_cannot_be_compared_is_not_begun(begin, tmp_path, given, message):
    with pytest.raises(InputError, match=message):
        begin(**given)
    assert not (tmp_path / 'compare').exists()


def test_a_renamed_data_set_keeps_its_twin(tmp_path):
    root = tmp_path / 'NYU'
    write_tiny_dataset(root, 2, 1)
    path = root / 'tiny_infos_train.json'
    infos = json.loads(path.read_text())
    infos['metainfo']['twin'] = '../NYU_clean'
    path.write_text(json.dumps(infos))
    renamed = root.rename(tmp_path / 'NYU2')
    (renamed / 'tiny_infos_test.json').unlink()
    stages = NetworkStages(tmp_path / 'compare', str(renamed), 2)
    assert stages.twin == str(tmp_path / 'NYU_clean')
    assert stages.make_twin() == []
    (tmp_path / 'NYU_clean').rename(tmp_path / 'gone')
    assert stages.twin == str(tmp_path / 'compare/twin')
    assert [stage.name for stage in stages.make_twin()] == ['twin']


def test_there_is_no_page_of_nothing(begin, tmp_path, monkeypatch):
    plan = begin(configs=[DEPTH])
    page = tmp_path / 'page.md'
    command = 'page', '--work-dir', plan.folder, '--out', page
    with pytest.raises(SystemExit, match='no network is trained and tested yet'):
        call_tool(monkeypatch, 'experiments/compare_networks.py', *command)
    assert not page.exists()


def test_the_table_has_sizes_and_scores(begin, tmp_path):
    root = tmp_path / 'NYU'
    write_tiny_dataset(root, 2, 1, name='nyu')
    plan = begin(configs=[DEPTH, BASELINE], seeds=[0, 1], data_root=str(root))
    for seed, miou in ((0, 20.0), (1, 22.0)):
        path = plan.folder / f'cleaners_depth-d32_baseline-seed{seed}' / SCORES
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(_scores(miou)))
    write_page(plan, tmp_path / 'page.md')
    page = (tmp_path / 'page.md').read_text()
    lines = page.splitlines()
    assert 'the same 2DNet' not in lines[2]
    row = next(line for line in lines if line.startswith('| cleaners_depth'))
    cells = [cell.strip() for cell in row.strip('|').split('|')]
    assert cells[5:] == ['50.0 ± 0.0'] * 3 + ['21.0 ± 1.4']
    assert cells[1:5] == ['depth', '0.28', '0.28', '19']  # as get_flops.py counts
    assert '| cleaners_depth-d32_baseline | 40.0 ± 0.0 | 30.0 ± 0.0 | 9.0 ' in page
    assert 'Seg2D' not in page
    # the network without scores is left out
    assert not any('efflite0' in line for line in lines if line.startswith('|'))


def test_the_teachers_of_students_are_told_too(begin, tmp_path):
    root = tmp_path / 'NYU'
    write_tiny_dataset(root, 2, 1, name='nyu')
    twin = str(tmp_path / 'NYU_clean')
    plan = begin(configs=[STUDENT], pretrain=PRETRAIN, data_root=str(root), twin=twin)
    names = ['pretrain2d', 'cleaners_efflite0-d32_teacher-seed0']
    names.append(names[-1].replace('_teacher', ''))
    for stage in plan.stages():
        if stage.name.removesuffix('/train') in names:
            stage.result.parent.mkdir(parents=True)
            stage.result.write_bytes(stage.name.encode())
    scores = plan.folder / names[-1] / SCORES
    scores.parent.mkdir(parents=True)
    scores.write_text(json.dumps(_scores(20.0)))
    write_page(plan, tmp_path / 'page.md')
    page = (tmp_path / 'page.md').read_text()
    assert 'from the same 2DNet where it sees a photo' in page
    for name in names:
        assert re.search(rf'^\| {name} \| - \| - \| [0-9a-f]{{64}} \|$', page, re.M)


def _scores(miou):
    from cleaners.datasets.nyu import CLASSES

    totals = dict.fromkeys(('sc/precision', 'sc/recall', 'sc/iou'), 50.0)
    totals |= {'all/sc/iou': 40.0, 'all/ssc/mIoU': 30.0}
    totals |= {'occupied/free': 9.0, 'occupied/ignored': 1.0}
    classes = {f'ssc/{name}': 10.0 for name in CLASSES[1:]}
    return {**totals, **classes, 'ssc/mIoU': miou}
