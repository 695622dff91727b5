"""What is told of trainings: times from their logs, hashes of their weights."""

import hashlib
import json
from pathlib import Path

from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.experiments import comparison_plan, gain_plan
from cleaners.experiments.data_facts import hash_files, tell_data
from cleaners.experiments.training_facts import tell_commands, tell_trainings
from cleaners.testing.tiny import write_tiny_dataset


def test_times_of_the_log_and_hash_of_the_weights(tmp_path):
    for name in ('logged', 'brought'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'epoch_2.pth').write_bytes(name.encode())
    log = tmp_path / 'logged/20260101_000000/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    # it was paused in the last ten steps
    times = {10: 2, 20: 4, 30: 200}
    rows = [{'step': step, 'iter': step, 'time': t} for step, t in times.items()]
    log.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    weights = {path.parent.name: path for path in tmp_path.glob('*/epoch_2.pth')}
    digest = {name: hashlib.sha256(name.encode()).hexdigest() for name in weights}
    table = tell_trainings(dict(sorted(weights.items())))[-1]
    assert table.splitlines()[2:] == [
        # weights that were brought from elsewhere have no log
        f'| brought | - | - | {digest["brought"]} |',
        # 30 steps of 4 s
        f'| logged | 4.00 | 2 | {digest["logged"]} |',
    ]


def test_the_hash_of_data_knows_names_and_contents(tmp_path):
    paths = [tmp_path / 'b.npz', tmp_path / 'a.npz']
    for path in paths:
        path.write_bytes(path.stem.encode() * 2)
    expected = hashlib.sha256(b'a.npz\0aab.npz\0bb').hexdigest()
    assert hash_files(paths) == expected
    paths[0].rename(tmp_path / 'c.npz')
    assert hash_files([tmp_path / 'c.npz', paths[1]]) != expected


def test_each_network_names_what_it_reads(tmp_path, repo_root):
    init_default_scope('mmdet3d')
    write_tiny_dataset(tmp_path / 'NYU', 3, 2, name='nyu')
    names = ('cleaners_depth-d32', 'cleaners_depth-d32_teacher')
    configs = [str(repo_root / f'configs/{name}.py') for name in names]
    twin = tmp_path / 'NYU_clean'
    table = tell_data(configs, str(tmp_path / 'NYU'), str(twin))[-1]
    rows = [line.strip('| ').split(' | ') for line in table.splitlines()[2:]]
    # the student's test reads what the sensor saw, the teacher's the twin
    assert [row[:2] for row in rows] == [
        ['Label', '5'],
        ['Mapping', '5'],
        ['TSDF', '5'],
        ['twin/TSDF', '5'],
    ]
    assert rows[3][2] == hash_files((twin / 'TSDF').iterdir())


def test_the_commands_begin_the_same_experiment():
    settings = gain_plan.Settings(
        'here', 'there', leagues=('depth',), epochs=3, seeds=(4, 5), ablations=False
    )
    text = tell_commands('distillation_gain.py', settings, None)
    assert (
        'run --work-dir work_dirs/experiment --data-root data/NYU \\\n'
        '    --leagues depth --epochs 3 --seeds 4 5 --no-ablations\n'
    ) in text
    assert 'there' not in text and '--notes' not in text
    settings = comparison_plan.Settings(('a.py', 'b.py'))
    text = tell_commands('x.py', settings, Path('docs/n.txt'))
    assert '    --configs a.py b.py --epochs 20 --seeds 0\n' in text
    assert text.endswith('--out page.md --notes docs/n.txt\n```')
