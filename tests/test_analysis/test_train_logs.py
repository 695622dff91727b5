"""Logs written by hand and by a training, and what is read from them."""

import json
import math
import re

import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from cleaners import register_modules  # noqa: F401
from cleaners.analysis.log_report import compare_runs, draw_curves
from cleaners.analysis.train_logs import read_run, short_names
from cleaners.testing import tiny_runner_cfg, tiny_ssc_net, write_tiny_dataset
from cleaners.utils.errors import InputError

MIOU = 'ssc/mIoU'


def train_row(step, epoch, loss, time):
    """An entry of the training as mmengine writes it."""
    return dict(lr=1e-3, loss=loss, time=time, epoch=epoch, iter=step, step=step)


def val_row(epoch, miou):
    """An entry of a validation."""
    return {MIOU: miou, 'time': 9.0, 'data_time': 0.1, 'step': epoch}


def write_log(work_dir, time, rows, end=''):
    """Write a log as mmengine does, one entry a line."""
    path = work_dir / time / 'vis_data/scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(''.join(json.dumps(row) + '\n' for row in rows) + end)
    return path


@pytest.fixture
def resumed(tmp_path):
    """A run to epoch 3, set back to epoch 1, then killed in epoch 3."""
    work_dir = tmp_path / 'runs/resumed'
    write_log(
        work_dir,
        '20240101_000000',
        [
            train_row(10, 1, 4.0, 0.2),
            val_row(1, 30.0),
            train_row(20, 2, 9.0, 5.0),
            val_row(2, 90.0),
            train_row(30, 3, 9.0, 5.0),
            val_row(3, 90.0),
        ],
    )
    write_log(
        work_dir,
        '20240102_000000',
        [train_row(20, 2, 3.0, 0.2), val_row(2, 50.0)],
        '{"lr": 0.001, "lo',
    )
    write_log(
        work_dir,
        '20240103_000000',
        [train_row(20, 2, 2.0, 0.5), val_row(2, 40.0), val_row(3, 40.0)],
    )
    # folders of tests hold no such log
    (work_dir / '20240104_000000/vis_data').mkdir(parents=True)
    return work_dir


def points(axes):
    """Return the points of every curve of a picture."""
    return [line.get_xydata().tolist() for line in axes.lines]


@pytest.fixture
def compare(capsys):
    """Compare runs; returns what was printed."""

    def run(*paths, **options):
        compare_runs([str(path) for path in paths], **options)
        return capsys.readouterr().out

    return run


def test_a_work_dir_stands_for_all_its_logs(compare, resumed):
    assert compare(resumed).splitlines() == [
        'resumed',
        'epochs 3, iterations 20',
        'seconds an iteration: mean 0.35, median 0.35',
        'validation      last  epoch      best  epoch',
        'ssc/mIoU          40      3        40      2',
    ]


def test_validations_that_a_resumed_run_has_not_reached_are_forgotten(tmp_path):
    work_dir = tmp_path / 'cut'
    rows = [train_row(10 * n, n, 4.0, 0.2) for n in range(1, 11)]
    write_log(work_dir, '20240101_000000', [*rows, val_row(5, 30.0), val_row(10, 90.0)])
    write_log(work_dir, '20240102_000000', [train_row(60, 6, 3.0, 0.2)])
    run = read_run(str(work_dir), 'cut')
    assert list(run.val) == [5] and max(run.train) == 60


def test_a_log_stands_for_itself(compare, resumed):
    log = resumed / '20240101_000000/vis_data/scalars.json'
    assert compare(log).splitlines() == [
        str(log),
        'epochs 3, iterations 30',
        'seconds an iteration: mean 3.4, median 5',
        'validation      last  epoch      best  epoch',
        'ssc/mIoU          90      3        90      2',
    ]


def test_several_runs_and_chosen_keys(compare, resumed, tmp_path):
    other = tmp_path / 'runs/other'
    write_log(
        other,
        '20240101_000000',
        [
            {'sc/IoU': 70.0, MIOU: math.nan, 'step': 1},
            {'sc/IoU': 60.0, MIOU: 20.0, 'step': 2},
            {'sc/IoU': 50.0, MIOU: math.nan, 'step': 3},
        ],
    )
    first, second = compare(
        other, resumed, keys=[MIOU, 'loss'], picture=str(tmp_path / 'new/curves.svg')
    ).split('\n\n')
    assert first.splitlines() == [
        'other',
        'epochs 3, iterations 0',
        'validation      last  epoch      best  epoch',
        'ssc/mIoU         nan      3        20      2',
    ]
    assert second.startswith('resumed\n')
    picture = (tmp_path / 'new/curves.svg').read_text()
    for word in ('other', 'resumed', 'loss', MIOU, 'iteration', 'epoch'):
        assert f'<!-- {word} -->' in picture
    assert 'sc/IoU' in compare(other) and 'sc/IoU' not in first


def test_the_curves_are_those_of_the_logs(resumed, tmp_path):
    bare = tmp_path / 'runs/bare'
    write_log(bare, '20240101_000000', [train_row(5, 1, 7.0, 1.0)])
    paths = [str(bare), str(resumed)]
    runs = [read_run(*pair) for pair in zip(paths, ['bare', 'resumed'])]
    loss, miou = draw_curves(runs, ['loss', MIOU]).axes
    assert points(loss) == [[[5, 7]], [[10, 4], [20, 2]]]
    # a run without the key has no curve
    assert points(miou) == [[[1, 30], [2, 40], [3, 40]]]
    assert (loss.get_xlabel(), miou.get_xlabel()) == ('iteration', 'epoch')
    # a run has one colour
    assert (
        loss.lines[1].get_color()
        == miou.lines[0].get_color()
        != (loss.lines[0].get_color())
    )
    legend = loss.get_legend().get_texts()
    assert [text.get_text() for text in legend] == ['bare', 'resumed']


def test_a_training_by_iterations_is_counted_in_these(compare, tmp_path):
    """It was said to have come to epoch 200."""
    rows = [train_row(200, 1, 7.0, 1.0), val_row(200, 30.0)]
    del rows[0]['epoch']
    write_log(tmp_path / 'run', '20240101_000000', rows)
    assert compare(tmp_path / 'run').splitlines() == [
        'run',
        'iterations 200',
        'seconds an iteration: mean 1, median 1',
        'validation      last  iteration      best  iteration',
        'ssc/mIoU          30        200        30        200',
    ]
    (axes,) = draw_curves([read_run(str(tmp_path / 'run'), 'run')], [MIOU]).axes
    assert axes.get_xlabel() == 'iteration'


def test_without_keys_the_curves_are_those_there_are(compare, tmp_path):
    write_log(tmp_path / 'run', '20240101_000000', [train_row(5, 1, 7.0, 1.0)])
    compare(tmp_path / 'run', picture=str(tmp_path / 'curves.png'))
    picture = (tmp_path / 'curves.png').read_bytes()
    assert picture.startswith(b'\x89PNG')
    # one picture of 3.5 inches, not two; the header holds width and height
    width, height = (int.from_bytes(picture[i : i + 4], 'big') for i in (16, 20))
    assert width / height == pytest.approx(9 / 3.5, rel=1e-2)


def test_names_tell_runs_apart(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log = tmp_path / 'scalars.json'
    log.touch()
    assert short_names(['a/b', 'a/c/']) == ['b', 'c']
    assert short_names(['.']) == [tmp_path.name]
    assert short_names(['a/b', 'c/b']) == ['a/b', 'c/b']
    assert short_names(['a/b', 'scalars.json']) == ['a/b', 'scalars.json']


@pytest.mark.long
def test_a_training_that_was_resumed(compare, tmp_path, capsys):
    """What mmengine really writes."""
    write_tiny_dataset(tmp_path / 'Tiny')
    best, last = [], 0.0
    for epochs in (1, 3):
        cfg = tiny_runner_cfg(
            tmp_path / 'Tiny',
            tmp_path / 'run',
            tiny_ssc_net(),
            train_cfg=dict(by_epoch=True, max_epochs=epochs, val_interval=1),
            experiment_name=f'{tmp_path.name}_{epochs}',
            resume=epochs > 1,
        )
        runner = Runner.from_cfg(Config(cfg))
        runner.train()
        last = runner.message_hub.get_scalar(f'val/{MIOU}').current()
        best.append(runner.message_hub.get_info('best_score'))
    capsys.readouterr()  # mmengine's warnings
    lines = compare(tmp_path / 'run').splitlines()
    # two batches an epoch
    assert lines[:2] == ['run', 'epochs 3, iterations 6']
    # however long they take
    assert re.match(r'seconds an iteration: mean \d+\.', lines[2])
    scores = {line.split()[0]: line.split()[1:] for line in lines[4:]}
    assert len(scores) == 3 + 11 + 1
    assert scores[MIOU][:2] == [f'{last:.4g}', '3']
    assert scores[MIOU][2] == f'{max(best):.4g}'


@pytest.mark.parametrize(
    'line',
    [
        'half a li',
        '{"step": 1',
        '',
        '[1]',
        '{"loss": 1}',
        '{"step": "one"}',
        '{"step": true}',
        '\udcff',
    ],
)
def test_damage_is_named(tmp_path, line):
    log = tmp_path / 'scalars.json'
    rows = [json.dumps(train_row(step, 1, 1.0, 1.0)) for step in (1, 2)]
    text = '\n'.join([rows[0], line, rows[1], ''])
    log.write_bytes(text.encode(errors='surrogateescape'))
    with pytest.raises(InputError) as stop:
        read_run(str(log), 'log')
    assert str(stop.value).startswith(f"log '{log}', line 2 is damaged: ")
    # a line that is complete was not cut off by the end of a run
    log.write_text(f'{rows[0]}\nhalf a li\n')
    with pytest.raises(InputError, match='line 2 is damaged'):
        read_run(str(log), 'log')


def test_what_is_no_log_is_refused(tmp_path):
    (tmp_path / 'empty.json').touch()
    for name, message in [
        ('none', 'is neither a log nor a work dir with logs'),
        ('.', 'is neither a log nor a work dir with logs'),
        ('empty.json', 'is empty'),
    ]:
        with pytest.raises(InputError, match=message) as stop:
            read_run(str(tmp_path / name), name)
        assert str(tmp_path) in str(stop.value)


def test_unknown_keys_are_refused(compare, resumed):
    with pytest.raises(InputError) as stop:
        compare(resumed, keys=['loss', 'ssc/mIOU'])
    assert str(stop.value).startswith(
        "no run has logged 'ssc/mIOU', did you mean 'ssc/mIoU'? (there "
        'are data_time, epoch, iter, loss, lr, ssc/mIoU, step, time)'
    )
