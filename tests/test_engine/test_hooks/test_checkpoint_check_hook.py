"""What a training may start from."""

import copy

import pytest
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import cleaners.register_modules  # noqa: F401
from cleaners.structures import FrameSizes
from cleaners.testing import (
    tiny_distiller,
    tiny_runner_cfg,
    tiny_ssc_net,
    write_tiny_dataset,
)
from cleaners.testing.tiny import GRID_SIZE, IMG_SIZE
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')

NAMES = ('empty', 'floor', 'wall', 'chair', 'other')
CLASSIFIERS = [
    f'{head}.classifier.{kind}'
    for head in ('head_2d', 'decode_head')
    for kind in ('weight', 'bias')
]


class Started(Exception):
    """The weights are loaded; nothing is trained."""


class StopAtStart(Hook):
    """Keep the weights that a training would start from."""

    priority = 'VERY_HIGH'

    def before_run(self, runner):
        self.initial = clone(runner.model)

    def before_train(self, runner):
        self.loaded = clone(runner.model)
        raise Started


def clone(model):
    return {key: value.clone() for key, value in model.state_dict().items()}


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A data set of five classes, and checkpoints of twelve and five."""
    folder = tmp_path_factory.mktemp('start')
    write_tiny_dataset(folder / 'Tiny', sizes=FrameSizes(GRID_SIZE, IMG_SIZE, 5))
    init_default_scope('mmdet3d')
    torch.manual_seed(1)
    for num_classes in (12, 5):
        model = MODELS.build(tiny_ssc_net(num_classes=num_classes))
        state = {f'module.{k}': v for k, v in model.state_dict().items()}
        torch.save(
            dict(
                state_dict=state,
                meta=dict(epoch=1, dataset_meta=dict(classes=NAMES[::-1])),
            ),
            folder / f'{num_classes}.pth',
        )
    return folder


@pytest.fixture
def make_runner(folder, tmp_path):

    def make(model, load_from, allow=True, **kwargs):
        cfg = tiny_runner_cfg(
            folder / 'Tiny',
            tmp_path / 'run',
            model,
            load_from=str(load_from),
            log_level='INFO',
            **kwargs,
        )
        for name in ('train', 'test'):
            cfg[f'{name}_dataloader']['dataset']['metainfo'] = dict(
                classes=NAMES, palette=[[0, 0, 0]] * 5
            )
        cfg['default_hooks']['checkpoint_check'].update(allow_other_classes=allow)
        return Runner.from_cfg(Config(cfg))

    return make


def weights_at_start(runner):
    stop = StopAtStart()
    runner.register_hook(stop)
    with pytest.raises(Started):
        runner.train()
    return stop.initial, stop.loaded


def log_in(tmp_path):
    return next(tmp_path.glob('run/*/*.log')).read_text()


@pytest.mark.parametrize('wrap', ['', 'distiller', 'ema'])
@pytest.mark.parametrize('source', ['12.pth', '5.pth'])
def test_all_but_the_classifiers_of_other_classes_load(
    folder, tmp_path, make_runner, wrap, source
):
    """Other in number, or in name alone."""
    model = tiny_ssc_net(num_classes=5)
    if wrap == 'distiller':
        model = dict(tiny_distiller('none'), student=model, teacher=model)
    hooks = [dict(type='EMAHook')] if wrap == 'ema' else []
    runner = make_runner(model, folder / source, custom_hooks=hooks)
    initial, loaded = weights_at_start(runner)
    stored = torch.load(folder / source, weights_only=True)['state_dict']
    for name, value in loaded.items():
        expected = (
            initial
            if name in CLASSIFIERS
            else {key[len('module.') :]: tensor for key, tensor in stored.items()}
        )
        assert torch.equal(value, expected[name]), name
    log = log_in(tmp_path)
    assert f"left out of '{folder / source}'" in log
    assert ', '.join(name for name in loaded if name in CLASSIFIERS) in log
    assert 'do not match exactly' not in log  # mmengine's own complaint


def test_a_work_dir_stands_for_its_best_checkpoint(folder, tmp_path, make_runner):
    content = (folder / '5.pth').read_bytes()
    (tmp_path / 'best_ssc_mIoU_epoch_1.pth').write_bytes(content)
    _, loaded = weights_at_start(
        make_runner(tiny_ssc_net(num_classes=5), tmp_path, False)
    )
    stored = torch.load(folder / '5.pth', weights_only=True)['state_dict']
    for name, value in loaded.items():
        assert torch.equal(value, stored[f'module.{name}']), name


def test_a_resumed_run_tests_what_it_has_trained(folder, tmp_path):
    """By then the checkpoint that it came from may be gone; so by mmengine's auto."""
    cfg = tiny_runner_cfg(
        folder / 'Tiny', tmp_path / 'run', tiny_ssc_net(num_classes=5)
    )
    for name in ('train', 'val', 'test'):
        cfg[f'{name}_dataloader']['dataset']['metainfo'] = dict(
            classes=NAMES, palette=[[0, 0, 0]] * 5
        )
    cfg['train_cfg'].update(max_epochs=1)
    Runner.from_cfg(Config(copy.deepcopy(cfg))).train()
    first = tmp_path / 'run' / 'epoch_1.pth'
    cfg['train_cfg'].update(max_epochs=2)
    runner = Runner.from_cfg(Config(dict(cfg, resume=True)))
    runner.train()
    assert runner._load_from == str(first)
    first.unlink()
    assert 'ssc/mIoU' in runner.test()


@pytest.mark.parametrize('stage', ['train', 'resume', 'test'])
def test_elsewhere_they_are_refused(folder, make_runner, stage):
    """A training that was not told, one that is resumed, a test."""
    runner = make_runner(
        tiny_ssc_net(num_classes=5),
        folder / '12.pth',
        allow=stage != 'train',
        resume=stage == 'resume',
    )
    with pytest.raises(
        InputError,
        match=r"12\.pth' does not fit .* 4 of another shape \(e\.g\. "
        r'head_2d\.classifier\.weight\)',
    ):
        getattr(runner, 'test' if stage == 'test' else 'train')()


def test_anything_else_must_fit(folder, make_runner):
    model = tiny_ssc_net(num_classes=5)
    model['tsdf_encoder']['stem_channels'] = (3, 5)
    runner = make_runner(model, folder / '12.pth')
    with pytest.raises(InputError, match=r'\d of another shape \(e\.g\. tsdf_encoder'):
        runner.train()


@pytest.mark.parametrize('stage', ['train', 'test'])
def test_a_damaged_start_gets_one_line(folder, tmp_path, make_runner, stage):
    content = (folder / '5.pth').read_bytes()
    (tmp_path / 'cut.pth').write_bytes(content[:1000])
    runner = make_runner(tiny_ssc_net(num_classes=5), tmp_path / 'cut.pth')
    with pytest.raises(InputError, match=r"cut\.pth' is damaged"):
        getattr(runner, stage)()


@pytest.mark.parametrize('options', [dict(), dict(resume=True)])
def test_a_start_of_nan_is_refused(folder, tmp_path, make_runner, options):
    checkpoint = torch.load(folder / '5.pth', weights_only=True)
    checkpoint['state_dict']['module.head_2d.linears.0.bias'][0] = torch.nan
    torch.save(checkpoint, tmp_path / 'nan.pth')
    runner = make_runner(
        tiny_ssc_net(num_classes=5), tmp_path / 'nan.pth', allow=False, **options
    )
    with pytest.raises(
        InputError, match=r"nan\.pth' has NaN .* head_2d\.linears\.0\.bias"
    ):
        runner.train()
