"""Runs into a folder that holds rooms already, and the clean twin."""

import json
import resource
import runpy
import shutil
import sys

import numpy as np
import pytest
from folder_state import stamps
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from mmengine.registry import init_default_scope

import cleaners.register_modules  # noqa: F401
from cleaners.data_preparation.dataset_check import check_dataset
from cleaners.data_preparation.dataset_layout import (
    DatasetLayout,
    find_layout,
    make_layout,
)
from cleaners.data_preparation.profile import ADASSC, SKETCH
from cleaners.data_preparation.synth_converter import convert_synth
from cleaners.fileio.npz_file import read_npz
from cleaners.utils.errors import InputError


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """Folder with a data set of two rooms to train and one to validate."""
    root = tmp_path_factory.mktemp('rooms')
    assert convert_synth(root / 'Rooms', 2, 1, seed=3)
    return root


@pytest.fixture
def rooms(made, tmp_path):
    """The data set, to change."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / 'Rooms'


def listed(out, split):
    infos = json.loads((out / f'synth_infos_{split}.json').read_text())
    return [info['sample_idx'] for info in infos['data_list']]


def test_fewer_rooms_keep_their_split(rooms, capsys):
    before = stamps(rooms)
    assert convert_synth(rooms, 1, 1, seed=3)
    assert stamps(rooms) == before
    assert listed(rooms, 'train') == ['SYN0001']
    assert listed(rooms, 'test') == ['SYN5001']
    manifest = json.loads((rooms / 'synth_manifest.json').read_text())
    assert len(manifest['files']) == 12
    assert not any('SYN0002' in name for name in manifest['files'])
    capsys.readouterr()
    assert check_dataset(find_layout(rooms))
    assert (
        '1 frames of earlier runs are in no annotation file and not checked: SYN0002'
    ) in capsys.readouterr().out


def test_in_the_current_folder(rooms, monkeypatch):
    monkeypatch.chdir(rooms)
    before = stamps(rooms.parent)
    link = rooms.with_name('link')
    link.symlink_to(rooms)
    for out in ('.', '../Rooms/', '../link'):
        assert convert_synth(type(rooms)(out), 2, 1, seed=3)
    assert stamps(rooms.parent) == before
    assert sorted(p.name for p in rooms.parent.iterdir()) == [
        'Rooms',
        'Rooms_clean',
        'link',
    ]


class TestTwin:
    @pytest.mark.parametrize('twin', ['Rooms_clean', 'S_one0_clean'])
    def test_a_renamed_data_set_keeps_it(self, rooms, twin):
        rooms.with_name('Rooms_clean').rename(rooms.with_name(twin))
        out = rooms.rename(rooms.with_name('S_one0'))
        before = stamps(out.parent)
        assert check_dataset(find_layout(out))
        assert convert_synth(out, 2, 1, seed=3)
        assert stamps(out.parent) == before
        record = json.loads((out.with_name(twin) / 'twin_of.json').read_text())
        assert record == dict(
            data_set='../S_one0', settings=dict(profile='3dsketch', seed=3)
        )
        infos = json.loads((out / 'synth_infos_test.json').read_text())
        assert infos['metainfo']['twin'] == f'../{twin}'

    def test_distillation_finds_that_of_a_renamed_data_set(self, rooms, repo_root):
        init_default_scope('mmdet3d')
        out = rooms.rename(rooms.with_name('S_one0'))
        cfg = Config.fromfile(repo_root / 'configs/cleaners_efflite0-d32_synth.py')
        dataset = DATASETS.build(dict(cfg.train_dataloader.dataset, data_root=str(out)))
        path = rooms.with_name('Rooms_clean') / 'TSDF/SYN0002.npz'
        assert dataset.get_data_info(1)['tsdf_cad_path'] == str(path)
        tsdf = dataset[1]['inputs']['tsdf_cad']
        np.testing.assert_array_equal(tsdf.ravel(), read_npz(path, 'arr_0', 129600))

    def test_a_copy_gets_its_own(self, rooms):
        copy = rooms.with_name('Copy')
        shutil.copytree(rooms, copy)
        assert make_layout(copy, 'synth').twin == rooms.with_name('Copy_clean')
        assert make_layout(rooms, 'synth').twin.name == 'Rooms_clean'

    def test_of_another_data_set_is_left_alone(self, rooms):
        old = rooms.rename(rooms.with_name('Old'))
        assert convert_synth(old, 2, 1, seed=3)
        before = stamps(rooms.parent)
        with pytest.raises(ValueError, match='is the clean twin of .*Old, so'):
            convert_synth(rooms, 2, 1, seed=3)
        assert stamps(rooms.parent) == before

    def test_verify_knows_another_one(self, rooms, capsys):
        record = rooms.with_name('Rooms_clean') / 'twin_of.json'
        record.write_text('{"data_set": "../Rooms", "settings": {"seed": 4}}')
        assert not check_dataset(find_layout(rooms))
        assert 'with other settings' in capsys.readouterr().err
        record.unlink()
        assert not check_dataset(find_layout(rooms))
        assert 'twin_of.json: missing' in capsys.readouterr().err


class TestProfile:
    def test_it_is_recorded(self, rooms):
        for name in ('synth_infos_train', 'synth_infos_test'):
            infos = json.loads((rooms / f'{name}.json').read_text())
            assert infos['metainfo']['profile'] == '3dsketch'

    def test_profiles_are_not_mixed(self, rooms):
        with pytest.raises(ValueError, match="with .*'3dsketch'.* not with"):
            convert_synth(rooms, 2, 1, seed=3, profile=ADASSC)

    def test_settings_without_one_are_refused(self, rooms):
        """No command writes them: nothing is added, and nothing checked."""
        settings = rooms / 'synth_settings.json'
        settings.write_text('{"seed": 3}')
        for profile in (ADASSC, SKETCH):
            with pytest.raises(ValueError, match=r"with \{'seed': 3\}, not with"):
                convert_synth(rooms, 2, 1, seed=3, profile=profile)
        with pytest.raises(InputError, match="json names no 'profile'"):
            check_dataset(find_layout(rooms))

    def test_only_the_rules_differ(self, rooms, tmp_path):
        other = tmp_path / 'Adassc'
        assert convert_synth(other, 1, 0, seed=3, profile=ADASSC)
        assert check_dataset(find_layout(other))
        volumes = [
            read_npz(out / folder / 'SYN0001.npz', key, 129600)
            for folder, key in (
                ('Label', 'arr_0'),
                ('TSDF', 'arr_0'),
                ('TSDF', 'arr_1'),
            )
            for out in (rooms, other)
        ]
        label, _, tsdf, tsdf_one, weight, weight_one = volumes
        np.testing.assert_array_equal(*volumes[:2])
        # what one takes for unknown is 0, the other 1
        assert (tsdf == 0).mean() > 0.1 and (tsdf_one == 1).mean() > 0.1
        assert weight[label == 255].any() and not weight_one[label == 255].any()

    def test_verify_knows_the_weights_of_the_other(self, rooms, tmp_path, capsys):
        out = tmp_path / 'Adassc'
        assert convert_synth(out, 1, 0, seed=3, profile=ADASSC)
        label = read_npz(out / 'Label/SYN0001.npz', 'arr_0', 129600)
        path = out / 'TSDF/SYN0001.npz'
        arrays = [read_npz(path, f'arr_{i}', 129600).copy() for i in (0, 1)]
        arrays[1][np.argmax(label == 255)] = 1
        np.savez(path, *arrays)
        assert not check_dataset(find_layout(out))
        told = capsys.readouterr().err
        assert 'SYN0001.npz: weights should be 0 or 1, and 0 where the label' in told

    def test_verify_checks_the_weights(self, rooms, capsys):
        path = rooms / 'TSDF/SYN0001.npz'
        arrays = [read_npz(path, f'arr_{i}', 129600).copy() for i in (0, 1)]
        arrays[1][np.argmin(arrays[1])] = 1
        np.savez(path, *arrays)
        assert not check_dataset(find_layout(rooms))
        told = capsys.readouterr().err
        assert 'SYN0001.npz: weights should be 1 where' in told
        assert 'as profile 3dsketch has it' in told


@pytest.fixture
def small_files():
    """Let no file grow beyond 100 kB, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_ends_the_run(rooms, repo_root, monkeypatch, capsys, small_files):
    before = stamps(rooms)
    monkeypatch.setattr(
        sys,
        'argv',
        [
            'create_data.py',
            'synth',
            '--num-train',
            '3',
            '--num-val',
            '1',
            '--seed',
            '3',
            '--out-dir',
            str(rooms),
        ],
    )
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(str(repo_root / 'tools/create_data.py'), run_name='__main__')
    assert str(stopped.value).startswith(
        f'error: {rooms}/trainset/RGB/SYN0003_rgb.png: '
        'cannot be written (File too large)'
    )
    told = capsys.readouterr().err
    assert 'broken' not in told and 'error' not in told
    assert stamps(rooms) == before
    assert listed(rooms, 'train') == ['SYN0001', 'SYN0002']


@pytest.mark.parametrize(
    'prefix,names',
    [
        ('synth', ['a_0012.npz', 'b_0012.npz']),
        ('rgbd', ['a_0012.npz', 'b_0012.npz']),
        ('nyu', ['0012.npz', '0012.npz']),
        ('nyucad', ['0012.npz', '0012.npz']),
    ],
)
def test_only_frames_of_nyu_are_known_by_number(tmp_path, prefix, names):
    layout = DatasetLayout(tmp_path, prefix)
    assert [
        layout.frame_files('train', sample)['tsdf_path'].name
        for sample in ('a_0012', 'b_0012')
    ] == names
