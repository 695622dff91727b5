"""A network meets only data that were made by the rules it was trained on."""

import pytest
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import cleaners.register_modules  # noqa: F401
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.checkpoint_writing import save_checkpoint
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')

PROFILES = ('3dsketch', 'adassc', 'unknown')


@pytest.fixture(scope='module')
def roots(tmp_path_factory):
    """A data set of each profile, by its name."""
    folder = tmp_path_factory.mktemp('data')
    for profile in PROFILES:
        write_tiny_dataset(folder / profile, 2, 1, profile=profile)
    return {profile: folder / profile for profile in PROFILES}


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory):
    """Checkpoints by what they were trained on."""
    init_default_scope('mmdet3d')
    folder = tmp_path_factory.mktemp('checkpoints')
    weights = MODELS.build(tiny_ssc_net()).state_dict()
    paths = {}
    for profile in (*PROFILES, None):
        meta = dict(dataset_meta=dict(profile=profile)) if profile else {}
        paths[profile] = str(folder / f'{profile}.pth')
        save_checkpoint(dict(meta=meta, state_dict=weights), paths[profile])
    return paths


def make_runner(root, work_dir, model=None, **kwargs):
    cfg = tiny_runner_cfg(
        root,
        work_dir,
        model or tiny_ssc_net(),
        train_cfg=dict(by_epoch=True, max_epochs=1, val_interval=1),
        **kwargs,
    )
    return Runner.from_cfg(Config(cfg))


@pytest.mark.parametrize('stage', ['train', 'val', 'test'])
def test_a_mismatch_is_refused(roots, checkpoints, tmp_path, stage):
    runner = make_runner(roots['adassc'], tmp_path, load_from=checkpoints['3dsketch'])
    with pytest.raises(
        InputError,
        match=f"checkpoint '{checkpoints['3dsketch']}' was trained on "
        f"data of profile '3dsketch', but the data set "
        f"'{roots['adassc']}' is of profile 'adassc'",
    ):
        getattr(runner, stage)()


@pytest.mark.parametrize(
    'trained,given,warns',
    [
        ('adassc', 'adassc', False),
        (None, 'adassc', False),
        ('unknown', '3dsketch', True),
        ('3dsketch', 'unknown', True),
    ],
)
def test_the_rest_is_tested(roots, checkpoints, tmp_path, trained, given, warns):
    runner = make_runner(roots[given], tmp_path, load_from=checkpoints[trained])
    assert 'ssc/mIoU' in runner.test()
    logs = ''.join(path.read_text() for path in tmp_path.rglob('*.log'))
    assert ('whether they fit together is not known' in logs) == warns


def test_a_run_says_what_it_was_trained_on(roots, tmp_path):
    make_runner(roots['adassc'], tmp_path).train()
    meta = read_checkpoint(str(tmp_path / 'epoch_1.pth'))['meta']
    assert meta['dataset_meta']['profile'] == 'adassc'


def test_validation_data_of_another_profile(roots, tmp_path):
    runner = make_runner(roots['adassc'], tmp_path)
    runner._val_dataloader.dataset.data_root = str(roots['3dsketch'])
    with pytest.raises(InputError, match='the network of this run was'):
        runner.train()


def test_the_teacher_is_checked(roots, checkpoints, tmp_path):
    hooks = [dict(type='TeacherHook', teacher_config='teacher.py')]
    for trained in ('adassc', '3dsketch'):
        runner = make_runner(
            roots['3dsketch'],
            tmp_path / trained,
            tiny_distiller(checkpoints[trained]),
            custom_hooks=hooks,
        )
        if trained == '3dsketch':
            runner.train()
            continue
        with pytest.raises(
            InputError,
            match="teacher '.*adassc.pth' was trained on data of profile "
            "'adassc', but the training data are of profile '3dsketch'",
        ):
            runner.train()
