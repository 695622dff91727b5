"""The command line of exports; what is computed: test_export."""

import json

import pytest
import torch
from in_process import call_tool
from mmengine.config import Config

from cleaners.apis import init_ssc_model
from cleaners.testing import tiny_ssc_net
from cleaners.testing.tiny import GRID_SIZE, tiny_distiller

# the TSDF alone
DEPTH = dict(
    data_preprocessor=dict(type='SSCDataPreprocessor'),
    backbone=None,
    head_2d=None,
    voxel_neck=None,
)


@pytest.fixture
def export(monkeypatch, tmp_path):
    """Export from the folder of the test."""
    monkeypatch.chdir(tmp_path)
    Config(dict(model=tiny_distiller('none', **DEPTH))).dump('net.py')

    def run(*args):
        call_tool(monkeypatch, 'deployment/export_model.py', *args)

    return run


@pytest.mark.long
def test_student_of_a_distiller_that_sees_depth_alone(export, capsys):
    net = init_ssc_model(Config(dict(model=tiny_ssc_net(**DEPTH))))
    meta = dict(dataset_meta=dict(classes=('empty', 'wall'), profile='adassc'))
    torch.save(dict(state_dict=net.state_dict(), meta=meta), 'net.pth')
    export('net.py', 'net.pth', '--format', 'torch', '--out', 'new/net.pt2')
    assert capsys.readouterr().out.splitlines()[-3:] == [
        'new/net.pt2:',
        '  input tsdf: float32 [1, 1, 12, 8, 16]',
        '  output logits: float32 [1, 12, 12, 8, 16]',
    ]
    extra = dict(cleaners='')
    program = torch.export.load('new/net.pt2', extra_files=extra)
    told = json.loads(extra['cleaners'])
    assert told['classes'] == ['empty', 'wall']
    assert told['profile'] == 'adassc'
    assert told['mean'] is told['img_size'] is told['void_thr'] is None
    assert told['void_logit'] is False
    tsdf = torch.rand(1, 1, *GRID_SIZE) * 2 - 1
    with torch.no_grad():
        expected = net.encode_decode(dict(tsdf=tsdf))
        logits = program.module()(tsdf=tsdf)
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4)


def test_a_missing_checkpoint_gets_one_line(export):
    with pytest.raises(SystemExit, match='^error: .*none.pth') as stop:
        export('net.py', 'none.pth', '--format', 'torch', '--out', 'a.pt2')
    assert '\n' not in stop.value.code


def test_the_ending_belongs_to_the_format(export, capsys):
    with pytest.raises(SystemExit):
        export('net.py', 'a.pth', '--format', 'onnx', '--out', 'a.pt2')
    assert '--format onnx writes .onnx, but --out is a.pt2' in (capsys.readouterr().err)
