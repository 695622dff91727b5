"""What a teacher knows that the baseline does not."""

import numpy as np
import pytest

from cleaners.experiments.gain_headroom import measure_headroom


def test_what_is_learned_of_what_can_be():
    #           both right   teacher only     baseline only  nobody
    teacher = [1, 1, 1, 1, 1, 1, 1, 1, 0, 0]
    baseline = [1, 1, 1, 1, 0, 0, 0, 0, 1, 0]
    student = [1, 1, 1, 0, 1, 1, 1, 0, 1, 1]
    again = [0, 1, 1, 1, 0, 1, 0, 0, 0, 0]
    rows = dict(teacher=teacher, baseline=baseline, student=student, again=again)
    is_right = {name: np.array(row, bool) for name, row in rows.items()}
    found = measure_headroom(is_right, dict(student='student', other='again'), 3)
    assert found.share == pytest.approx(40) and found.frames == 3
    assert found.learned['student'] == pytest.approx((75, 80))
    assert found.learned['other'] == pytest.approx((25, 60))


def test_where_there_is_nothing_to_gain():
    right = np.array([True, False])
    found = measure_headroom(
        dict(teacher=right, baseline=right), dict(self='baseline'), 1
    )
    assert found.share == 0
    assert found.learned['self'] == (None, 100)
