"""2D labels of photos, none by a network that was trained on the photo."""

import json
import shutil

import cv2
import numpy as np
import pytest
import torch
from in_process import call_tool
from mmengine.config import Config

from cleaners.apis.inference import build_network
from cleaners.apis.seg2d_prediction import FOLDER, RECORD
from cleaners.datasets.held_out import fold_of
from cleaners.testing import write_tiny_dataset
from cleaners.testing.tiny import IMG_SIZE

# frames of each fold, by the hash
NUM_TRAIN, NUM_TEST = 6, 2
FOLDS = [fold_of(f'TNY{number:04d}', 0.5) for number in range(1, NUM_TRAIN + 1)]
# the only class that each network knows
CLASSES = dict(whole=3, fold0=5, fold1=7)


def config_of(root, part):
    """Config of a 2DNet that is trained on a part of the frames."""

    def loader(split):
        dataset = dict(
            type='NYUSSCDataset',
            data_root=str(root),
            split=split,
            data_prefix=dict(img_path=f'{split}set/RGB', label2d_path='Label2D'),
            metainfo=dict(img_size=IMG_SIZE),
        )
        return dict(dataset=dataset)

    cfg = Config(
        dict(
            train_dataloader=loader('train'),
            test_dataloader=loader('test'),
            model=dict(
                type='Segmentor2D',
                data_preprocessor=dict(type='mmseg.SegDataPreProcessor'),
                backbone=dict(
                    type='SegFormerMiT',
                    embed_dims=8,
                    num_layers=[1, 1, 1, 1],
                    num_heads=[1, 2, 2, 4],
                ),
                head_2d=dict(
                    type='Fusion2DHead',
                    in_channels=[8, 16, 16, 32],
                    channels=8,
                    num_classes=12,
                    img_size=IMG_SIZE,
                ),
            ),
        )
    )
    cfg.train_dataloader.dataset.filter_cfg = part
    return cfg


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A data set as it is published, config and checkpoints."""
    folder = tmp_path_factory.mktemp('seg2d')
    root = folder / 'data'
    write_tiny_dataset(root, NUM_TRAIN, NUM_TEST)
    for path in root.glob('*.json'):
        path.unlink()
    shutil.rmtree(root / FOLDER)
    torch.manual_seed(0)
    parts = [None, *(dict(part='rest', share=0.5, fold=fold) for fold in (0, 1))]
    for (name, known), part in zip(CLASSES.items(), parts):
        cfg = config_of(root, part)
        net = build_network(cfg.model)
        with torch.no_grad():
            net.head_2d.classifier.bias[known] += 1e3
        meta = dict(cfg=cfg.pretty_text)
        torch.save(dict(state_dict=net.state_dict(), meta=meta), folder / f'{name}.pth')
    config_of(root, None).dump(str(folder / 'net.py'))
    return folder


@pytest.fixture
def predict(folder, monkeypatch, capsys):
    """Run the tool; returns what it printed."""

    def run(whole, *folds, out=None):
        paths = [folder / f'{name}.pth' for name in (whole, *folds)]
        arguments = [folder / 'net.py', paths[0], '--folds', *paths[1:]]
        if out is not None:
            arguments += ['--out', out]
        call_tool(monkeypatch, 'misc/predict_seg2d.py', *arguments)
        return capsys.readouterr().out

    return run


def read(out):
    """Return the labels of all images, by the frame's number."""
    return {
        int(path.stem): cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        for path in out.glob('*.png')
    }


def test_nobody_labels_what_it_was_trained_on(folder, predict):
    """In whatever order the folds are given."""
    assert set(FOLDS) == {0, 1}
    printed = predict('whole', 'fold1', 'fold0')
    assert f'{NUM_TRAIN + NUM_TEST} photos were labelled' in printed
    labels = read(folder / 'data' / FOLDER)
    assert len(labels) == NUM_TRAIN + NUM_TEST
    for number, image in labels.items():
        is_test = number > NUM_TRAIN
        name = 'whole' if is_test else f'fold{FOLDS[number - 1]}'
        assert image.shape == IMG_SIZE and image.dtype == np.uint8
        assert (image == CLASSES[name]).all(), number


def test_it_goes_on_where_it_stopped(folder, predict, tmp_path):
    out = tmp_path / 'out'
    predict('whole', 'fold0', 'fold1', out=out)
    whole = {path.name: path.read_bytes() for path in out.iterdir()}
    (out / '0002.png').unlink()
    (out / '0003.png').write_bytes(b'kept')
    assert '1 photos were labelled' in predict('whole', 'fold0', 'fold1', out=out)
    assert (out / '0002.png').read_bytes() == whole['0002.png']
    assert (out / '0003.png').read_bytes() == b'kept'
    record = json.loads((out / RECORD).read_text())
    assert len(record['folds']) == 2


def test_labels_of_other_networks_are_not_mixed(folder, predict, tmp_path):
    (tmp_path / '0001.png').write_bytes(b'')
    with pytest.raises(SystemExit, match='holds something else.*another --out'):
        predict('whole', 'fold0', 'fold1', out=tmp_path)
    record = dict(test='0', folds=['1'])
    (tmp_path / RECORD).write_text(json.dumps(record))
    with pytest.raises(SystemExit, match='holds something else.*another --out'):
        predict('whole', 'fold0', 'fold1', out=tmp_path)


@pytest.mark.parametrize(
    'networks, match',
    [
        (('fold0', 'fold0', 'fold1'), 'fold0.*was trained on a part of the frames'),
        (('whole', 'fold0', 'whole'), 'whole.*filter_cfg=None; of 2 folds each'),
        (('whole', 'fold0', 'fold0'), 'share=0.5 and a fold of its own'),
        (('whole', 'fold0'), '--folds needs two networks or more'),
        (('whole', 'fold0', 'bare'), 'bare.*does not say on which frames'),
        (('whole', 'fold0', 'odd'), 'odd.*no text of a config'),
    ],
)
def test_networks_that_know_too_much_are_refused(
    folder, predict, tmp_path, networks, match
):
    torch.save(dict(state_dict={}), folder / 'bare.pth')
    torch.save(dict(state_dict={}, meta=dict(cfg='a = (')), folder / 'odd.pth')
    with pytest.raises(SystemExit, match=f'^error: .*{match}'):
        predict(*networks, out=tmp_path / 'out')
    assert not (tmp_path / 'out').exists()
