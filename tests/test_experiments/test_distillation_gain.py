"""The experiment on the distillation gain, from data to page, in small."""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time

import pytest
from in_process import call_tool

from cleaners.experiments.gain_headroom import find_headroom
from cleaners.experiments.gain_plan import Plan, Settings, list_models, open_plan
from cleaners.experiments.gain_scores import gain_of
from cleaners.experiments.seed_scores import SeedScores
from cleaners.structures import FrameSizes
from cleaners.testing.tiny import write_tiny_dataset
from cleaners.utils.errors import InputError

TOOL = 'tools/experiments/distillation_gain.py'


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    """8 + 4 random frames of NYU's sizes, named like NYU's."""
    root = tmp_path_factory.mktemp('gain') / 'NYU'
    sizes = FrameSizes((60, 36, 60), (480, 640), 12)
    write_tiny_dataset(root, 8, 4, sizes, name='nyu')
    return root


@pytest.fixture
def run(repo_root, monkeypatch, capsys):
    """Run the command in this process; returns what it prints."""
    monkeypatch.chdir(repo_root)

    def run(*args):
        call_tool(monkeypatch, TOOL.removeprefix('tools/'), *args)
        return capsys.readouterr().out

    return run


def begin(folder, data_root, *options):
    places = ('--work-dir', folder, '--data-root', data_root)
    return ('run', *places, '--epochs', 1, *options)


SMALLEST = ('--leagues', 'depth', '--seeds', 0, '--no-ablations')


@pytest.mark.long
def test_from_data_to_page(run, data_root, tmp_path):
    folder = tmp_path / 'gain'
    options = ('--leagues', 'photo', '--seeds', 0, 1, '--pretrain-epochs', 1)
    told = run(*begin(folder, data_root, *options))
    # the 2DNet; baseline, teacher and student; baseline and student once more
    assert told.count(': done') == 1 + 2 * (3 + 2)
    assert run('run', '--work-dir', folder) == ''
    status = run('status', '--work-dir', folder).splitlines()
    assert len(status) == 11 and all(line.endswith('done') for line in status)
    # the test split was not looked at before the end
    for log in folder.glob('*/*/train.log'):
        assert 'Epoch(val)' not in log.read_text()

    run('page', '--work-dir', folder, '--out', tmp_path / 'page.md')
    page = (tmp_path / 'page.md').read_text()
    assert '--leagues photo --epochs 1 --pretrain-epochs 1 --seeds 0 1\n' in page
    scores = {
        role: [
            json.loads((folder / f'photo/{role}-seed{n}/test/scores.json').read_text())
            for n in (0, 1)
        ]
        for role in ('baseline', 'student')
    }
    row = next(line for line in page.splitlines() if '| student |' in line)
    cells = [cell.strip() for cell in row.strip('|').split('|')]
    assert cells[1:] == [
        f'{statistics.fmean(values):.1f} ± {statistics.stdev(values):.1f}'
        for key in ('sc/precision', 'sc/recall', 'sc/iou', 'ssc/mIoU')
        for values in [[run[key] for run in scores['student']]]
    ]
    gains = [
        student['ssc/mIoU'] - baseline['ssc/mIoU']
        for student, baseline in zip(scores['student'], scores['baseline'])
    ]
    mean, deviation = statistics.fmean(gains), statistics.stdev(gains)
    assert f'{mean:+.2f} ± {deviation:.2f} SSC mIoU' in page
    report = folder / 'photo/baseline-seed0/test/error_analysis.json'
    regions = json.loads(report.read_text())['occlusion']
    row = next(line for line in page.splitlines() if '| photo, baseline |' in line)
    assert [cell.strip() for cell in row.strip('|').split('|')][-2:] == [
        f'{regions[region]["ssc_miou"]:.1f}' for region in ('surface', 'occluded')
    ]
    learned = find_headroom(open_plan(folder), 'photo').learned['student']
    row = f'| student | {learned.of_headroom:.1f} | {learned.of_known:.1f} |'
    assert row in page.split('where the baseline is right |')[1]
    # one line a network, whatever the seeds
    assert page.count('| photo, baseline |') == 1
    assert page.count('student confuses most') == 1
    for picture in ('curves.png', 'scenes.png'):
        assert f'(page/{picture})' in page
        assert (tmp_path / 'page' / picture).stat().st_size > 10_000


def test_who_learns_from_whom_by_which_losses(repo_root, tmp_path, monkeypatch):
    monkeypatch.chdir(repo_root)
    settings = Settings(data_root='d', twin='t', seeds=(5, 6))
    stages = {stage.name: stage for stage in Plan(settings, tmp_path).stages()}

    def words(stage):
        return ' '.join(stages[stage].command)

    left_out = {
        name: {
            loss
            for loss in ('kd_surface', 'kd_center', 'kd_affinity')
            if f'model.{loss}=None' in words(f'depth/{name}-seed5/train')
        }
        for name in ('student', 'student_kd-t', 'student_kd-sc-sa')
    }
    assert left_out == {
        'student': set(),
        'student_kd-t': {'kd_center', 'kd_affinity'},
        'student_kd-sc-sa': {'kd_surface'},
    }
    for league in ('photo', 'depth'):
        teacher = f'model.teacher_ckpt={tmp_path}/{league}/teacher-seed5/epoch_20.pth'
        for seed in (5, 6):
            assert teacher in words(f'{league}/student-seed{seed}/train')
        # only what a teacher sees is clean; a student reads both in training
        seen = {
            (role, step): '--twin t' in words(f'{league}/{role}-seed5/{step}')
            for role in ('baseline', 'teacher', 'student')
            for step in ('train', 'test')
        }
        assert [key for key, value in seen.items() if value] == [
            ('teacher', 'train'),
            ('teacher', 'test'),
            ('student', 'train'),
        ]


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_scores(
    run, repo_root, data_root, tmp_path
):
    run(*begin(tmp_path / 'whole', data_root, *SMALLEST))
    cut = begin(tmp_path / 'cut', data_root, *SMALLEST)
    command = [sys.executable, TOOL, *map(str, cut)]
    rng = random.Random(0)
    for _ in range(10):
        process = subprocess.Popen(command, cwd=repo_root, start_new_session=True)
        time.sleep(rng.uniform(2, 25))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    run(*cut)
    found = sorted((tmp_path / 'whole').glob('*/*/test/scores.json'))
    assert len(found) == 3
    for path in found:
        other = tmp_path / 'cut' / path.relative_to(tmp_path / 'whole')
        assert path.read_text() == other.read_text(), path


def test_other_settings_and_folders_are_refused(
    repo_root, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(repo_root)
    with pytest.raises(InputError, match='holds no experiment: begin it with'):
        open_plan(tmp_path / 'gain')
    plan = open_plan(tmp_path / 'gain', dict(data_root='d', seeds=[3, 4]))
    assert open_plan(tmp_path / 'gain').settings == plan.settings
    with pytest.raises(InputError, match=r'begun with seeds=\(3, 4\), not'):
        open_plan(tmp_path / 'gain', dict(data_root='d', seeds=[3]))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match='in the root of the repository'):
        open_plan(tmp_path / 'gain')


def test_the_first_seed_trains_all_and_others_what_is_compared():
    names = [model.name for model in list_models(Settings(seeds=(5, 6)))]
    assert names == [
        'photo/baseline-seed5',
        'photo/teacher-seed5',
        'photo/student-seed5',
        'depth/baseline-seed5',
        'depth/teacher-seed5',
        'depth/student-seed5',
        'depth/student_kd-t-seed5',
        'depth/student_kd-sc-sa-seed5',
        'photo/baseline-seed6',
        'photo/student-seed6',
        'depth/baseline-seed6',
        'depth/student-seed6',
    ]


def test_means_and_deviations():
    baseline = SeedScores({0: {'x': 10.0}, 1: {'x': 12.0}, 2: {'x': 11.0}})
    # it was the third seed's that was subtracted from the second's
    student = SeedScores({0: {'x': 13.0}, 2: {'x': 12.0}})
    gain = gain_of(baseline, student, 'x')
    assert gain.seeds == 2 and gain.mean == pytest.approx(2)
    assert gain.deviation == pytest.approx(statistics.stdev([3, 1]))
    assert gain_of(baseline, SeedScores({3: {'x': 1.0}}), 'x') is None
    assert baseline.text('x') == '11.0 ± 1.0'
    assert SeedScores({5: {'x': 10.0}}).text('x') == '10.0'
