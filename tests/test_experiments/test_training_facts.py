"""What is told of trainings: times from their logs, hashes of their weights."""

import hashlib
import json

from cleaners.experiments.training_facts import tell_trainings


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
    digest = {name: hashlib.sha256(name.encode()).hexdigest()[:16] for name in weights}
    table = tell_trainings(dict(sorted(weights.items())))[-1]
    assert table.splitlines()[2:] == [
        # weights that were brought from elsewhere have no log
        f'| brought | - | - | {digest["brought"]} |',
        # 30 steps of 4 s
        f'| logged | 4.00 | 2 | {digest["logged"]} |',
    ]
