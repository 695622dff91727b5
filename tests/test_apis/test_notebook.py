"""The notebook: every code cell in order, in one namespace, without Jupyter.

So it needs no kernel; what Jupyter alone could get wrong, the drawing of
outputs, is not tested.
"""

import html
import json
import re

import numpy as np
import pytest


@pytest.fixture(scope='module')
def notebook(repo_root):
    return json.loads((repo_root / 'demo/inference.ipynb').read_text())


@pytest.fixture(scope='module')
def cells(notebook):
    """The code cells."""
    return [cell for cell in notebook['cells'] if cell['cell_type'] == 'code']


@pytest.fixture(scope='module')
def run(cells, tmp_path_factory):
    """What the cells leave, with the network of the package; what they show."""
    pytest.importorskip('IPython', reason='IPython is not installed')
    out = tmp_path_factory.mktemp('notebook')
    given = dict(OUT_DIR=str(out))
    shown, scope = [], {}
    for number, cell in enumerate(cells):
        code = compile(''.join(cell['source']), f'code cell {number}', 'exec')
        exec(code, scope)
        if 'parameters' in cell['metadata'].get('tags', []):
            assert given.keys() <= scope.keys()
            scope.update(given)
        if 'display' in scope:
            scope['display'] = shown.append
    return scope, shown, out


def test_committed_without_outputs(notebook, cells):
    assert notebook['nbformat'] == 4
    assert [(c['outputs'], c['execution_count']) for c in cells] == [([], None)] * len(
        cells
    )
    ids = [cell['id'] for cell in notebook['cells']]
    assert len(set(ids)) == len(ids)
    tagged = [c for c in cells if 'parameters' in c['metadata'].get('tags', [])]
    assert tagged == cells[:1]


def test_it_is_a_notebook(notebook):
    nbformat = pytest.importorskip('nbformat', reason='nbformat is not installed')
    nbformat.validate(nbformat.from_dict(notebook))


def test_default_is_the_photo_network_that_comes_with_the_package(cells):
    from cleaners.apis.scene_demo import PHOTO_MODEL

    scope = {}
    exec(''.join(cells[0]['source']), scope)
    assert scope['MODEL'] == [PHOTO_MODEL]


def test_scores(run):
    """Against counts by hand, in numpy, of the label volumes themselves."""
    scope, _, _ = run
    truth = {key: np.asarray(value) for key, value in scope['truth'].items()}
    pred = scope['sample'].pred_voxel_seg
    known = truth['label'] != 255
    weighted = known & truth['label_weight']
    hidden = weighted & truth['occluded']
    assert 0 < hidden.sum() < weighted.sum() < known.sum()
    # under 'all' what the network calls void is empty
    counted = {
        '3dsketch': (pred.label, weighted, hidden),
        'all': (pred.scene, known, known),
    }
    for name, (scored, semantic, completion) in counted.items():
        scored = np.asarray(scored)
        ious = []
        for index in range(1, 12):
            a, b = ((v == index) & semantic for v in (scored, truth['label']))
            ious.append(100 * (a & b).sum() / max((a | b).sum(), 1))
        scores = scope['scores'][name]
        assert scores['ssc/mIoU'] == pytest.approx(np.mean(ious))
        a, b = ((v > 0) & completion for v in (scored, truth['label']))
        assert scores['sc/iou'] == pytest.approx(100 * (a & b).sum() / (a | b).sum())
    # the truth is that of the grid that was completed
    np.testing.assert_allclose(
        scope['sample'].voxel_origin, scope['room'].view.voxel_origin, atol=1e-6
    )


def test_what_is_shown(run):
    scope, shown, out = run
    pictures, panel, page = shown
    assert pictures.size == (1280, 480)
    np.testing.assert_array_equal(np.asarray(pictures)[:, :640], scope['room'].rgb)
    # photo, prediction and truth beside each other
    assert panel.size[0] > 3 * 640
    source = re.fullmatch(
        r'<div><iframe srcdoc="([^"]*)" .*></iframe></div>', page.data
    )[1]
    assert html.unescape(source) == (out / 'SYN5001.html').read_text()
    scene = json.loads(
        re.search(r'id="scene-data">(.*?)</script>', html.unescape(source), re.DOTALL)[
            1
        ]
    )
    assert {'prediction', 'truth', 'confidence', 'surface'} <= set(scene['volumes'])
