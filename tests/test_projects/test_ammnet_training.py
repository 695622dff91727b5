"""AMMNet is trained, stopped, gone on with, and used."""

from functools import partial

import pytest
import torch
import torch.distributed as dist
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.model import is_model_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from resume_cases import assert_equal, assert_same_state, check_resume
from tiny_ammnet import SIZES, tiny_batch, tiny_generator, tiny_run_cfg, tiny_trainer

from cleaners.analysis.benchmarks.settings import Settings
from cleaners.analysis.benchmarks.train import measure_train
from cleaners.apis import init_ssc_model
from cleaners.models.network_trainer import unwrap
from cleaners.testing import write_tiny_dataset
from cleaners.utils.checkpoint import read_checkpoint
from cleaners.utils.checkpoint_writing import save_checkpoint
from cleaners.utils.errors import InputError

pytestmark = pytest.mark.usefixtures('no_config_text')


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('data') / 'Tiny'
    write_tiny_dataset(root, 5, 1, sizes=SIZES)
    return root


def run_epochs(data_root, folder, name, epochs, **kwargs):
    """Train in a work dir; return the runner."""
    cfg = tiny_run_cfg(
        data_root,
        folder / name,
        train_cfg=dict(by_epoch=True, max_epochs=epochs),
        experiment_name=f'{folder.name}_{name}_{epochs}',
        **kwargs,
    )
    runner = Runner.from_cfg(Config(cfg))
    runner.train()
    return runner


@pytest.fixture
def train(data_root, tmp_path):
    """Train in a folder of this test."""
    return partial(run_epochs, data_root, tmp_path)


@pytest.mark.long
def test_a_resumed_run_is_the_run_that_was_not_stopped(train, tmp_path):
    """Both networks, both optimizers, what is drawn; accumulation, too."""
    effective = dict(type='EffectiveBatchHook', base_batch_size=4)

    hooks = tiny_run_cfg('', '')['default_hooks']
    hooks['effective_batch'] = effective

    def checkpoint(name, epochs, resume=False):
        runner = train(name, epochs, default_hooks=hooks, resume=resume)
        counts = {
            part: wrapper._accumulative_counts
            for part, wrapper in runner.optim_wrapper.items()
        }
        assert counts == dict(generator=2, discriminator=2)
        return read_checkpoint(str(tmp_path / name / f'epoch_{epochs}.pth'))

    whole = check_resume(checkpoint)
    first = read_checkpoint(str(tmp_path / 'parts/epoch_1.pth'))
    for key in ('state_dict', 'discriminator'):
        moved = [
            not torch.equal(first[key][k], whole[key][k])
            for k in whole[key]
            if 'backbone' not in k
        ]
        assert all(moved), key
    assert set(whole['optimizer']) == {'generator', 'discriminator'}
    steps = {
        part: {int(s['step']) for s in state['state'].values()}
        for part, state in whole['optimizer'].items()
    }
    # 3 batches an epoch, the last an update of its own
    assert steps == dict(generator={4}, discriminator={4})


@pytest.fixture(scope='module')
def trained(data_root, tmp_path_factory):
    """A run of an epoch, and its checkpoint."""
    init_default_scope('mmdet3d')
    folder = tmp_path_factory.mktemp('trained')
    runner = run_epochs(data_root, folder, 'run', 1)
    return runner, str(folder / 'run' / 'epoch_1.pth')


def test_a_checkpoint_is_one_of_the_network(trained, tmp_path, data_root):
    """Which predicts without a discriminator, and is tested with its own."""
    runner, path = trained
    net = init_ssc_model(Config(dict(model=tiny_generator())), path)
    inputs, _ = tiny_batch()
    model = runner.model.eval()
    with torch.no_grad():
        assert torch.equal(net.encode_decode(inputs), model(inputs))
    # the config of the training stands for its network
    same = init_ssc_model(Config(dict(model=tiny_trainer())), path)
    assert_equal(same.state_dict(), net.state_dict())
    cfg = tiny_run_cfg(data_root, tmp_path / 'test', load_from=path)
    scores = Runner.from_cfg(Config(cfg)).test()
    assert scores['ssc/mIoU'] == pytest.approx(
        runner.message_hub.get_scalar('val/ssc/mIoU').current()
    )


@pytest.mark.long
def test_a_run_may_start_from_a_checkpoint(trained, train, tmp_path):
    """With its discriminator, or a new one where none is there that fits."""
    runner, path = trained
    own = runner.model.own_state_dict()
    wrapper = dict(optimizer=dict(type='SGD', lr=0.0))
    wide = tiny_trainer()
    wide['discriminator']['channels'] = 8
    alone = str(tmp_path / 'alone.pth')
    content = read_checkpoint(path)
    del content['discriminator']
    save_checkpoint(content, alone)
    starts = [
        ('with', path, tiny_trainer(), None),
        ('wider', path, wide, 'trained with another discriminator: it has '),
        ('alone', alone, tiny_trainer(), 'holds no discriminator; '),
    ]
    for name, start, model, told in starts:
        started = train(name, 1, model=model, load_from=start, wrapper=wrapper)
        first = next(iter(started.model.own_state_dict().values()))
        assert (first.shape == (4, 12, 1, 1, 1)) == (name != 'wider')
        assert torch.equal(first, next(iter(own.values()))) == (not told)
        log = next((tmp_path / name).glob('*/*.log')).read_text()
        assert ('the discriminator starts anew' in log) == bool(told)
        assert told is None or told in log
    with pytest.raises(InputError, match='holds no discriminator; start'):
        train('run', 2, load_from=alone, resume=True)


def test_a_log_of_two_networks(trained):
    logged = trained[0].message_hub.log_scalars
    losses = {
        name[len('train/') :]
        for name in logged
        if name.startswith('train/') and 'loss' in name
    }
    assert losses == {
        'loss',
        'loss_ssc',
        'loss_2d',
        'loss_adv',
        'loss_discriminator',
        'loss_real',
        'loss_shuffled',
        'loss_erased',
        'loss_predicted',
    }
    for part in ('generator', 'discriminator'):
        assert logged[f'train/{part}.lr'].data[0][0] == 1e-3
        assert logged[f'train/{part}.grad_norm'].current() > 0


def test_one_optimizer_is_refused(train):
    wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
    with pytest.raises(InputError, match='trained in turns: set optim_wrapper'):
        train('run', 1, optim_wrapper=wrapper, param_scheduler=None)


def test_a_network_alone_needs_no_discriminator_hook(train):
    wrapper = dict(optimizer=dict(type='SGD', lr=0.1))
    with pytest.raises(InputError, match='but model is a SSCSegmentor'):
        train(
            'run',
            1,
            model=tiny_generator(),
            optim_wrapper=wrapper,
            param_scheduler=None,
        )


def test_bfloat16(train):
    runner = train('run', 1, wrapper=dict(type='BFloat16OptimWrapper'))
    for value in runner.model.own_state_dict().values():
        assert value.isfinite().all()
    loss = runner.message_hub.get_scalar('train/loss_predicted').current()
    assert 0 < loss < 10


@pytest.fixture
def one_process(tmp_path, monkeypatch):
    monkeypatch.setenv('LOCAL_RANK', '0')  # mmengine reads it
    monkeypatch.setenv('MKL_NUM_THREADS', '1')  # else it sets it
    dist.init_process_group(
        'gloo', init_method=f'file://{tmp_path}/meeting', rank=0, world_size=1
    )
    yield
    dist.destroy_process_group()


def test_in_a_process_group_it_is_the_same_run(train, tmp_path, one_process):
    """Each network in a data-parallel wrapper of its own."""

    def run(name, wrapper):
        init_default_scope('mmdet3d')
        kwargs = dict(launcher='pytorch', model_wrapper_cfg=wrapper)
        runner = train(name, 1, **(kwargs if wrapper else {}))
        parts = unwrap(runner.model).children()
        assert is_model_wrapper(runner.model) == bool(wrapper)
        assert sum(map(is_model_wrapper, parts)) == (2 if wrapper else 0)
        return read_checkpoint(str(tmp_path / name / 'epoch_1.pth'))

    wrapper = dict(type='MMSeparateDistributedDataParallel', device_ids=None)
    plain, wrapped = run('plain', None), run('wrapped', wrapper)
    assert_same_state(wrapped, plain)


def test_a_distiller_can_be_the_generator(tmp_path):
    """Its losses beside the verdict; its state is the student's."""
    init_default_scope('mmdet3d')
    torch.manual_seed(0)
    net = tiny_generator()
    path = str(tmp_path / 'teacher.pth')
    torch.save(MODELS.build(net).state_dict(), path)
    distiller = dict(
        type='CleanerDistiller', student=net, teacher=net, teacher_ckpt=path
    )
    trainer = MODELS.build(tiny_trainer(distiller)).train()
    trainer.generator.load_teacher()
    assert trainer.segmentor is trainer.generator.student
    losses = trainer.loss(*tiny_batch())
    assert set(losses) == {
        'loss_ssc',
        'loss_2d',
        'loss_adv',
        'loss_kd_surface',
        'loss_kd_center',
        'loss_kd_affinity',
    }
    plain = MODELS.build(net)
    plain.load_state_dict(trainer.state_dict())
    trainer.load_state_dict(plain.state_dict())
    inputs, _ = tiny_batch()
    with torch.no_grad():
        assert torch.equal(trainer.eval()(inputs), plain.eval()(inputs))


def test_a_missing_teacher_is_named_by_its_key(train):
    net = tiny_generator()
    distiller = dict(
        type='CleanerDistiller', student=net, teacher=net, teacher_ckpt='none'
    )
    teacher = dict(type='TeacherHook', teacher_config='teacher.py')
    with pytest.raises(InputError, match=r'model\.generator\.teacher_ckpt=FILE'):
        train('run', 1, model=tiny_trainer(distiller), custom_hooks=[teacher])


def test_its_steps_are_not_measured(data_root, tmp_path):
    cfg = Config(tiny_run_cfg(data_root, tmp_path))
    with pytest.raises(
        InputError, match='generator, discriminator are trained in turns'
    ):
        measure_train(cfg, Settings(device='cpu'))
