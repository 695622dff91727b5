import numpy as np
import torch
from mmdet3d.registry import HOOKS
from mmengine.dist import broadcast
from mmengine.hooks import Hook
from mmengine.registry import FUNCTIONS
from mmengine.runner import Runner, set_random_seed


def seed_generators(*entropy: int) -> None:
    """Seed the generators of Python, numpy and torch (CUDA's, too).

    Args:
        *entropy (int): Any numbers from 0 on; near ones give streams that
            have nothing to do with each other.
    """
    seed = np.random.SeedSequence(entropy).generate_state(1)
    set_random_seed(int(seed[0]))


@FUNCTIONS.register_module()
def seed_worker(worker_id: int) -> None:
    """Seed a worker of a data loader by the epoch that it is started in.

    Torch draws its number in the main process, where :obj:`EpochSeedHook` has
    seeded the epoch, and adds the worker's. mmengine's own function would
    repeat the same draws in every epoch.

    Args:
        worker_id (int): Not used; torch has added it already.
    """
    seed_generators(torch.initial_seed())


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Let the random draws of an epoch depend on nothing before it.

    Checkpoints are written between epochs and hold no state of a generator.
    Every epoch is seeded by (seed, epoch, rank), so that a resumed run draws
    what an uninterrupted one would have drawn, whether there was a validation
    in between or not. Processes draw different numbers; the order of the data
    is the sampler's, alike in all of them, by seed and epoch.

    A run without a seed in its config draws one, and when it is resumed the
    checkpoint's counts; the sampler, which was built before, is told here.
    """

    priority = 'VERY_HIGH'

    def before_train(self, runner: Runner) -> None:
        """Agree on one seed, that of the first process."""
        seed = torch.tensor(runner.seed)
        broadcast(seed)  # with diff_rank_seed the others have other ones
        self._seed = int(seed)
        loader = runner.train_dataloader
        loader.batch_sampler.sampler.seed = self._seed
        if loader.persistent_workers:
            runner.logger.warning(
                'train_dataloader.persistent_workers=True: the workers draw '
                'on from epoch to epoch, so that a resumed run will not '
                'repeat their draws; set it to False'
            )

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed the epoch."""
        seed_generators(self._seed, runner.epoch, runner.rank)
