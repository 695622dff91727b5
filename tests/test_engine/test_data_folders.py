"""``--data-root`` and ``--twin`` reach every data set of a config."""

import pytest
from mmengine.config import Config

from cleaners.engine.data_folders import set_data_root, set_twin
from cleaners.utils.errors import InputError


def dataset(**prefix):
    return dict(
        type='NYUSSCDataset',
        data_root='data/NYU',
        data_prefix=dict(tsdf_path='TSDF', **prefix),
    )


@pytest.fixture
def cfg():
    """Data sets in all that may wrap them; one reads its clean twin."""
    concat = dict(type='ConcatDataset', datasets=[dataset(), dataset()])
    student = dataset(tsdf_cad_path='{twin}/TSDF')
    return Config(
        dict(
            train_dataloader=dict(
                batch_size=2,
                dataset=dict(
                    type='ConcatDataset',
                    datasets=[
                        dict(type='RepeatDataset', times=2, dataset=concat),
                        student,
                    ],
                ),
            ),
            val_dataloader=dict(dataset=dataset()),
            test_dataloader=None,
        )
    )


def leaves(cfg):
    repeated, student = cfg.train_dataloader.dataset.datasets
    return [*repeated.dataset.datasets, student, cfg.val_dataloader.dataset]


def test_every_data_set_moves(cfg, tmp_path):
    set_data_root(cfg, str(tmp_path))
    assert [d.data_root for d in leaves(cfg)] == [str(tmp_path)] * 4
    assert 'data_root' not in cfg.train_dataloader.dataset
    assert all('twin' not in d for d in leaves(cfg))


def test_what_reads_the_twin_gets_it(cfg, tmp_path):
    set_twin(cfg, str(tmp_path))
    assert [d.get('twin') for d in leaves(cfg)] == [None, None, str(tmp_path), None]
    assert {d.data_root for d in leaves(cfg)} == {'data/NYU'}


def test_a_twin_that_nothing_reads_is_refused(cfg, tmp_path):
    cfg.train_dataloader = None
    with pytest.raises(InputError, match=r'--twin does nothing: .*\{twin\}'):
        set_twin(cfg, str(tmp_path))


def test_a_config_without_data_is_refused(tmp_path):
    with pytest.raises(InputError, match='--data-root does nothing'):
        set_data_root(Config(dict(test_dataloader=None)), str(tmp_path))


@pytest.mark.parametrize(
    'change, argument', [(set_data_root, '--data-root'), (set_twin, '--twin')]
)
def test_a_missing_folder_is_named(cfg, tmp_path, change, argument):
    folder = str(tmp_path / 'none')
    with pytest.raises(InputError, match=f"{argument}: folder '{folder}' not found"):
        change(cfg, folder)
