import io
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch
import torch.nn as nn
from mmengine.logging import HistoryBuffer

from cleaners.utils.checkpoint import (
    check_resumable,
    check_state_dict,
    find_best_checkpoint,
    find_latest_checkpoint,
    find_non_finite,
    load_strictly,
    read_checkpoint,
    weights_digest,
)
from cleaners.utils.errors import InputError


class Attack:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


class GetattrAttack:
    """Asks getattr for something that a checkpoint has no business with."""

    def __reduce__(self):
        return getattr, (np.ndarray, 'tofile')


def test_mmengines_own_types_are_read_safely(tmp_path):
    path = tmp_path / 'epoch_1.pth'
    history = HistoryBuffer([1.0, 3.0], [1, 1])
    torch.save(
        dict(
            message_hub=dict(loss=history, best=np.float64(3.0)),
            state_dict=dict(weight=torch.ones(2)),
        ),
        path,
    )
    loaded = read_checkpoint(str(path))
    assert loaded['message_hub']['loss'].mean() == 2
    assert loaded['message_hub']['best'] == 3


@pytest.mark.parametrize(
    'payload', [Attack('touch {}'), GetattrAttack()], ids=['system', 'getattr']
)
def test_code_in_a_checkpoint_is_refused(tmp_path, payload):
    path, trace = tmp_path / 'evil.pth', tmp_path / 'trace'
    if isinstance(payload, Attack):
        payload.command = payload.command.format(trace)
    torch.save(dict(state_dict=payload), path)
    with pytest.raises(InputError, match=r"evil\.pth' is (refused|damaged)"):
        read_checkpoint(str(path))
    assert not trace.exists()


@pytest.mark.parametrize(
    'content', [b'', b'not a checkpoint', pickle.dumps([1, 2])[:5]]
)
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / 'broken.pth'
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.pth'"):
        read_checkpoint(str(path))


@pytest.mark.parametrize('content', [[1, 2], torch.zeros(3), {1: torch.zeros(3)}])
def test_what_is_no_weights_is_refused(tmp_path, content):
    path = tmp_path / 'other.pth'
    torch.save(content, path)
    with pytest.raises(InputError, match=r"other\.pth'.* no weights by"):
        load_strictly(nn.Linear(3, 2), str(path))


def test_an_archive_that_grows_is_refused(tmp_path):
    """Before a byte of it is unpacked."""
    plain, packed = tmp_path / 'plain.pth', tmp_path / 'packed.pth'
    torch.save(dict(weight=torch.zeros(1000)), plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(packed, 'w') as target:
        for entry in source.infolist():
            target.writestr(
                entry.filename, source.read(entry), compress_type=zipfile.ZIP_DEFLATED
            )
    assert read_checkpoint(str(plain))['weight'].shape == (1000,)
    with pytest.raises(InputError, match=r"packed\.pth' is a compressed archive of"):
        read_checkpoint(str(packed))


def test_keys_and_shapes_must_match_exactly(tmp_path):
    model = nn.Linear(3, 2)
    good = model.state_dict()
    check_state_dict(model, good, 'good.pth')
    for state, match in [
        ({'weight': good['weight']}, '1 missing .e.g. bias'),
        (dict(good, extra=torch.ones(1)), '1 unexpected .e.g. extra'),
        (dict(good, weight=torch.ones(2, 4)), '1 of another shape'),
    ]:
        with pytest.raises(InputError, match=match):
            check_state_dict(model, state, 'bad.pth')


@pytest.mark.parametrize('value', [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_are_refused(tmp_path, value):
    model = nn.BatchNorm1d(3)
    state = model.state_dict()
    state['running_var'][1] = value
    torch.save(state, tmp_path / 'nan.pth')
    with pytest.raises(
        InputError, match=r"nan\.pth' has NaN or infinite values in running_var: "
    ):
        load_strictly(nn.BatchNorm1d(3), str(tmp_path / 'nan.pth'))


def test_large_numbers_are_numbers():
    """Though their sum is infinite."""
    large = torch.full((3,), torch.finfo(torch.float32).max)
    assert not large.sum().isfinite()
    assert find_non_finite(dict(count=torch.tensor(3), large=large)) is None


def test_a_wrappers_prefix_is_understood(tmp_path):
    source, target = nn.Linear(3, 2), nn.Linear(3, 2)
    state = {f'module.{k}': v for k, v in source.state_dict().items()}
    torch.save(dict(state_dict=state, meta={}), tmp_path / 'ddp.pth')
    load_strictly(target, str(tmp_path / 'ddp.pth'))
    assert weights_digest(target) == weights_digest(source)


def test_latest_is_the_largest_number(tmp_path):
    assert find_latest_checkpoint(str(tmp_path)) is None
    for name in (
        'epoch_9.pth',
        'epoch_10.pth',
        'best_ssc_mIoU_epoch_99.pth',
        'epoch_11.pth.tmp',
    ):
        (tmp_path / name).touch()
    (tmp_path / 'last_checkpoint').write_text('/moved/epoch_3.pth')
    assert find_latest_checkpoint(str(tmp_path)).endswith('epoch_10.pth')


def test_latest_of_a_run_with_names_or_a_folder_of_its_own(tmp_path):
    work_dir, folder = tmp_path / 'run', tmp_path / 'scratch' / 'run'
    for path in (work_dir, folder):
        path.mkdir(parents=True)
    (work_dir / 'last_checkpoint').write_text('/moved/ssc_3.pth')
    assert find_latest_checkpoint(str(work_dir)) is None
    (work_dir / 'ssc_3.pth').touch()
    assert find_latest_checkpoint(str(work_dir)) == str(work_dir / 'ssc_3.pth')
    assert find_latest_checkpoint(str(work_dir), str(folder)) is None
    (folder / 'epoch_2.pth').touch()
    latest = find_latest_checkpoint(str(work_dir), str(folder))
    assert latest == str(folder / 'epoch_2.pth')


def test_the_newest_whole_one_is_named(tmp_path):
    whole = io.BytesIO()
    torch.save(dict(state_dict={}), whole)
    whole = whole.getvalue()
    for epoch, content in ((8, whole), (9, whole), (10, b''), (11, whole[:-30])):
        (tmp_path / f'epoch_{epoch}.pth').write_bytes(content)
    check_resumable(str(tmp_path / 'epoch_8.pth'))
    for name, what in (('epoch_11.pth', 'is damaged'), ('epoch_12.pth', 'not found')):
        with pytest.raises(
            InputError, match=rf"{name}' {what}.*: --resume \S+/epoch_9\.pth$"
        ):
            check_resumable(str(tmp_path / name))
    for epoch in (8, 9):
        (tmp_path / f'epoch_{epoch}.pth').unlink()
    with pytest.raises(
        InputError,
        match=r"11\.pth' is damaged [^;]*; get it "
        'again$',
    ):
        check_resumable(str(tmp_path / 'epoch_11.pth'))


@pytest.mark.parametrize(
    'given, meant',
    [
        ('techer.pth', ', did you mean .*/teacher.pth'),
        ('b2_techer', r' \(nor .*\), did you mean .*/b2_teacher\''),
        ('b2_techer/', r' \(nor .*\), did you mean .*/b2_teacher\''),
        ('b2_teacher', r' \(nor a best_\*\.pth in it, were it a work_dir\)$'),
        ('student.pth', '$'),
        ('none/teacher.pth', '$'),
    ],
)
def test_a_similar_name_is_suggested(tmp_path, given, meant):
    (tmp_path / 'teacher.pth').touch()
    (tmp_path / 'b2_teacher').mkdir()
    with pytest.raises(InputError, match=f"{given}' not found{meant}"):
        find_best_checkpoint(f'{tmp_path}/{given}')


def test_a_work_dir_stands_for_its_best_checkpoint(tmp_path):
    best = tmp_path / 'best_ssc_mIoU_epoch_7.pth'
    (tmp_path / 'epoch_9.pth').touch()
    with pytest.raises(InputError, match='not found'):
        find_best_checkpoint(str(tmp_path))
    best.touch()
    assert find_best_checkpoint(str(tmp_path)) == str(best)
    assert find_best_checkpoint(str(best)) == str(best)
