"""What is told of trainings: times from their logs, hashes of their weights."""

import hashlib
import json

from cleaners.experiments.training_facts import training_table


def test_times_of_the_log_and_hash_of_the_weights(tmp_path):
    for name in ('logged', 'brought'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'epoch_2.pth').write_bytes(name.encode())
    log = tmp_path / 'logged/20260101_000000/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    rows = [{'step': 10 * k, 'iter': 10 * k, 'time': t} for k, t in ((1, 2), (2, 4))]
    log.write_text(''.join(json.dumps(row) + '\n' for row in rows))
    weights = {path.parent.name: path for path in tmp_path.glob('*/epoch_2.pth')}
    digest = {name: hashlib.sha256(name.encode()).hexdigest()[:16] for name in weights}
    assert training_table(dict(sorted(weights.items()))).splitlines()[2:] == [
        # weights that were brought from elsewhere have no log
        f'| brought | - | - | {digest["brought"]} |',
        # 20 steps of 3 s on average
        f'| logged | 3.00 | 1 | {digest["logged"]} |',
    ]
