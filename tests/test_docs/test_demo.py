"""`make demo`, in as few rooms as there can be."""

import json
import runpy
import sys

import pytest
from doc_pages import ROOT
from folder_state import stamps


@pytest.mark.long
def test_it_keeps_to_its_folder(monkeypatch, capfd, tmp_path):
    """It once shortened data/SynthRooms, which may be the user's."""
    theirs = [
        folder for name in ('data', 'work_dirs') if (folder := ROOT / name).is_dir()
    ]
    before = [stamps(folder) for folder in theirs]
    monkeypatch.chdir(tmp_path)
    rooms = '--num-train', '2', '--num-val', '1'
    arguments = ['run_demo.py', '--out-dir', str(tmp_path), *rooms]
    monkeypatch.setattr(sys, 'argv', arguments)
    runpy.run_path(str(ROOT / 'demo/run_demo.py'), run_name='__main__')
    assert [stamps(folder) for folder in theirs] == before
    told = capfd.readouterr().out
    for name in ('room/room.html', 'room/room.png', 'summary.json', 'vis'):
        assert (tmp_path / name).exists() and str(tmp_path / name) in told
    assert '1 rooms that were not trained on, percent:' in told
    summary = json.loads((tmp_path / 'summary.json').read_text())
    assert list(summary) == ['teacher', 'baseline', 'student']
    for name, scores in summary.items():
        assert 0 < scores['sc_iou'] <= 100 and len(scores['class_iou']) == 11
        assert (tmp_path / name / 'epoch_5.pth').is_file()
