"""The scores of the zoo, counted once more from the files of the release.

The counting is written anew here, on numpy alone; all 654 frames of a network
take some minutes.
"""

import subprocess
import sys

import mmengine
import numpy as np
import pytest
import yaml

from cleaners.utils.shipped_weights import shipped_names

pytestmark = pytest.mark.slow
NO_PIXEL = 307200
# a teacher is tested on a twin of the release
NAMES = [name for name in shipped_names() if not name.endswith('_teacher')]


def count(frames, release):
    """Scores by protocol 3dsketch, in percent."""
    hits, found, there = np.zeros((3, 12), dtype=np.int64)
    both = called = occupied = 0
    for frame in frames:
        file = frame['sample_idx'].removeprefix('NYU') + '.npz'
        label = np.load(release / 'Label' / file)['arr_0']
        weight = np.load(release / 'TSDF' / file)['arr_1'] == 1
        mapping = np.load(release / 'Mapping' / file)['arr_0']
        pred = frame['pred_voxel_seg']['label'].numpy().ravel()
        counts = weight & (label != 255)
        for index in range(12):
            is_pred, is_label = pred == index, label == index
            hits[index] += (is_pred & is_label & counts).sum()
            found[index] += (is_pred & counts).sum()
            there[index] += (is_label & counts).sum()
        hidden = counts & (mapping == NO_PIXEL)
        both += ((pred > 0) & (label > 0) & hidden).sum()
        called += ((pred > 0) & hidden).sum()
        occupied += ((label > 0) & hidden).sum()
    iou = hits / (found + there - hits)
    return {
        'SC precision': 100 * both / called,
        'SC recall': 100 * both / occupied,
        'SC IoU': 100 * both / (called + occupied - both),
        'SSC mIoU': 100 * iou[1:].mean(),
    }


@pytest.mark.parametrize('name', NAMES)
def test_scores_counted_by_hand(name, repo_root, nyu_3dsketch_dir, tmp_path):
    config, file = f'configs/{name}.py', tmp_path / 'all.pkl'
    command = [sys.executable, 'tools/test.py', config, name, '--out', str(file)]
    folders = ['--data-root', str(nyu_3dsketch_dir), '--work-dir', str(tmp_path)]
    subprocess.run([*command, *folders], cwd=repo_root, check=True)
    frames = mmengine.load(file)
    assert len(frames) == 654
    metafile = yaml.safe_load(
        (repo_root / 'projects/CleanerS/metafile.yml').read_text()
    )
    (entry,) = [model for model in metafile['Models'] if model['Name'] == name]
    (result,) = [r for r in entry['Results'] if r['Protocol'] == '3dsketch']
    for key, value in count(frames, nyu_3dsketch_dir).items():
        assert value == pytest.approx(result['Metrics'][key], abs=0.01), key
