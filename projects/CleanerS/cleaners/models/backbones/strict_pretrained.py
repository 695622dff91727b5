import os.path as osp
import pickle

from mmengine.model import BaseModule, PretrainedInit
from mmengine.runner import CheckpointLoader

from ...utils.checkpoint import find_best_checkpoint, read_checkpoint
from ...utils.errors import InputError

FROM_SCRATCH = (
    'or train it from scratch: <model>.backbone.init_cfg=None '
    '<model>.freeze_backbone=False (with what configs/README.md adds for some)'
)

# a config may hold the class in place of its name
_PRETRAINED = ('Pretrained', 'PretrainedInit', PretrainedInit)
# BatchNorm's; files of old torch versions have none, and nobody reads it
_COUNTER = 'num_batches_tracked'


def _how_to_mend(part: str, init_cfg: dict) -> str:
    """What a user can do without the file."""
    if 'prefix' in init_cfg:
        return 'name another by --cfg-options <model>.pretrained_2d=FILE'
    return (
        'name a local file by --cfg-options '
        f'<model>.{part}.init_cfg.checkpoint=FILE, {FROM_SCRATCH}'
    )


def _load(source: str) -> dict:
    """Load a file, safely; what is no file is mmengine's to find."""
    if osp.isfile(source):
        return read_checkpoint(source)
    return CheckpointLoader.load_checkpoint(source, 'cpu')


class StrictPretrained(BaseModule):
    """Mixin of a part that takes all its pretrained weights or fails.

    mmengine loads ``init_cfg`` non-strictly: a file of another network would
    leave a frozen backbone at random. What the file holds beside (the
    classifier of ImageNet) is not read. With ``prefix`` in ``init_cfg`` the
    file is that of a whole network, or the work_dir of its training.
    """

    part = 'backbone'

    def init_weights(self) -> None:
        """Fill the weights: at random, or strictly from ``init_cfg``.

        Raises:
            InputError: If the pretrained file cannot be had, or lacks a
                weight of this backbone.
        """
        init_cfg = self.init_cfg
        # a ResNet without pretrained weights has a list of rules here
        if not isinstance(init_cfg, dict) or init_cfg['type'] not in _PRETRAINED:
            super().init_weights()
            return
        source = init_cfg['checkpoint']
        try:
            if osp.isdir(source):
                source = find_best_checkpoint(source)
            weights = _load(source)
        except (OSError, RuntimeError, pickle.UnpicklingError) as error:
            raise InputError(
                f"pretrained {self.part} '{source}' cannot be loaded "
                f'({error}); {_how_to_mend(self.part, init_cfg)}'
            ) from error
        weights = weights.get('state_dict', weights)
        if 'prefix' in init_cfg:
            prefix = init_cfg['prefix'] + '.'
            weights = {
                name[len(prefix) :]: value
                for name, value in weights.items()
                if name.startswith(prefix)
            }
        lacking = [
            name
            for name, value in self.state_dict().items()
            if not name.endswith(_COUNTER)
            and (name not in weights or weights[name].shape != value.shape)
        ]
        if lacking:
            raise InputError(
                f"pretrained {self.part} '{source}' lacks "
                f'{len(lacking)} weights (e.g. {lacking[0]}); is '
                "it of another size, or not in mmseg's naming?"
            )
        self.load_state_dict(weights, strict=False)
