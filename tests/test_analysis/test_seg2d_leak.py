import cv2
import numpy as np
import pytest

from cleaners import register_modules  # noqa: F401
from cleaners.analysis.seg2d_leak import measure_leak

# Label2D, Seg2D and class of some pixels; the last pair disagrees
PAIRS = [
    (3, 1),
    (22, 2),
    (21, 3),
    (4, 4),
    (1, 5),
    (9, 6),
    (28, 7),
    (10, 8),
    (5, 9),
    (13, 10),
    (24, 11),
    (0, 12),
    (15, 13),
    (39, 13),
    (0, 13),
]


def test_pixels_counted_by_hand(tmp_path):
    for folder in ('Seg2D', 'Label2D'):
        (tmp_path / folder).mkdir()
    for split, name in (('train', '0001'), ('test', '0002')):
        (tmp_path / f'{split}.txt').write_text(name)
        pairs = np.array(PAIRS if split == 'test' else PAIRS[:-1])
        images = np.full((2, 480, 640), 39, np.uint8)
        images[:, 10, 10 : 10 + len(pairs)] = pairs.T
        # on the border, which does not count: wall called bed
        images[:, 0, :] = np.array([[0], [1]])
        images[1] %= 14  # where there is no label there is no class either
        for folder, image in zip(('Label2D', 'Seg2D'), images):
            cv2.imwrite(str(tmp_path / folder / f'{name}.png'), image)
    leak = measure_leak(tmp_path)
    assert leak['train'] == dict(frames=1, accuracy=100.0, mIoU=100.0)
    assert leak['test']['accuracy'] == pytest.approx(100 * 13 / 14)
    # wall: one of two; window: one of two
    assert leak['test']['mIoU'] == pytest.approx(100 * (9 + 0.5 + 0.5) / 11)


@pytest.mark.slow
def test_the_release(nyu_3dsketch_dir):
    leak = measure_leak(nyu_3dsketch_dir)
    found = [
        round(leak[split][key], 1)
        for split in ('train', 'test')
        for key in ('accuracy', 'mIoU')
    ]
    assert found == [88.3, 85.6, 87.8, 85.5]
