from typing import Union

import torch
import torch.nn as nn
from mmdet3d.registry import MODELS
from mmdet3d.utils import ConfigType, OptConfigType
from mmengine.optim import OptimWrapperDict
from torch import Tensor

from cleaners.models.network_trainer import NetworkTrainer
from cleaners.models.segmentors.base_ssc_segmentor import LossesAndLogits
from cleaners.models.segmentors.voxel_targets import VoxelTargets, stack_targets
from cleaners.models.shared_settings import hand_over
from cleaners.structures.ssc_data_sample import SampleList
from cleaners.utils.errors import InputError
from cleaners.utils.model_wrapper import unwrap

from .fake_scenes import FakeScenes, check_classes, draw_fakes
from .modulated_ssc_head import ModulatedSSCHead
from .scene_display import SceneDisplay
from .verdicts import frozen, verdict_loss


@MODELS.register_module()
class AdversarialTrainer(NetworkTrainer):
    """Train a network against a discriminator of scenes (AMMNet).

    A batch is used twice. First the discriminator learns to tell the ground
    truth from what is made of it, and from what the network predicts; then
    the network learns from its own losses and from the verdict on what it
    predicts now. Each has an optimizer of its own.

    Call chains:

    .. code:: text

        train_step(): discriminator_loss() -> its update
                      loss()               -> the generator's update
        loss():       generator.loss_and_logits() -> loss_adv

    Every checkpoint of such a run *is* one of the network, which needs no
    discriminator to predict; :obj:`DiscriminatorHook` keeps that beside it.

    Args:
        generator (dict): Config of an :obj:`SSCSegmentor`, or of another
            trainer of one.
        discriminator (dict): Config of the discriminator; it gets the
            generator's grid and classes.
        loss_weight (float): Of the verdict in the generator's loss. Defaults
            to 0.005.
        aligned (bool): Whether a prediction is judged as it is given out.
            False judges it in the view that the head has drawn, which the
            mask and the ground truth do not share, as the authors do.
            Defaults to True.
        softmax, common_mask (bool): See :obj:`SceneDisplay`. Default to
            False, as published.
        init_cfg (dict, optional): Defaults to None.

    Raises:
        InputError: If classes are too few, or predictions cannot be judged so.
    """

    network_name = 'generator'
    other_name = 'another discriminator'
    generator: nn.Module
    discriminator: nn.Module

    def __init__(
        self,
        generator: ConfigType,
        discriminator: ConfigType,
        loss_weight: float = 0.005,
        aligned: bool = True,
        softmax: bool = False,
        common_mask: bool = False,
        init_cfg: OptConfigType = None,
    ) -> None:
        super().__init__(generator, init_cfg)
        check_classes(self.num_classes)
        shared = dict(grid_size=self.grid_size, num_classes=self.num_classes)
        self.discriminator = MODELS.build(
            hand_over(shared, 'discriminator', discriminator)
        )
        self.loss_weight = loss_weight
        self.aligned = aligned
        self.display = SceneDisplay(self.num_classes, softmax, common_mask)
        if not aligned:
            self._check_views()

    def _check_views(self) -> None:
        head = self.segmentor.decode_head
        if not isinstance(head, ModulatedSSCHead):
            raise InputError(
                'aligned=False needs a ModulatedSSCHead, but the '
                f'network has a {type(head).__name__}'
            )
        if head.exchange_prob > 0 and self.grid_size[0] != self.grid_size[2]:
            raise InputError(
                'aligned=False needs a grid whose first and last '
                'axis are equal, which the head exchanges, but '
                f'it is {self.grid_size}'
            )

    def train_step(  # type: ignore[override]  # it takes the two together
        self, data: Union[dict, tuple, list], optim_wrapper: OptimWrapperDict
    ) -> dict[str, Tensor]:
        """Update the discriminator, then the generator, by one batch.

        Args:
            data (dict): Of the data loader.
            optim_wrapper (OptimWrapperDict): 'generator', 'discriminator'.

        Returns:
            dict[str, Tensor]: For the log: ``loss``, the generator's, and
            what it is made of; the terms of the discriminator's and their
            sum ``loss_discriminator``.
        """
        prepared = self.data_preprocessor(data, training=True)
        batch = prepared['inputs'], prepared['data_samples']
        optimizer = optim_wrapper['discriminator']
        with optimizer.optim_context(self.discriminator):
            losses = self.discriminator_loss(*batch)
        total, terms = self.parse_losses(losses)
        optimizer.update_params(total)
        terms['loss_discriminator'] = terms.pop('loss')

        optimizer = optim_wrapper['generator']
        with optimizer.optim_context(self.generator):
            losses = self.loss(*batch)
        total, log_vars = self.parse_losses(losses)
        optimizer.update_params(total)
        return {**log_vars, **terms}

    def discriminator_loss(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> dict[str, Tensor]:
        """Compute what the discriminator learns from.

        Returns:
            dict[str, Tensor]: ``loss_real``, ``loss_shuffled``,
            ``loss_erased`` and ``loss_predicted``. A frame in which nothing
            was shuffled adds nothing to the second, one in which nothing was
            erased nothing to the third.
        """
        targets = stack_targets(batch_data_samples)
        with torch.no_grad():
            logits = self.generator(batch_inputs, batch_data_samples, 'tensor')
            predicted = self._show_prediction(logits, targets)
        fakes = self.make_fakes(targets)
        show = self.display.show_labels
        shared = targets.label_weight, predicted.dtype
        # one after the other: each has BatchNorm statistics of its own
        real, shuffled, erased, predicted = map(
            self.discriminator,
            (
                show(fakes.real, *shared),
                show(fakes.shuffled, *shared),
                show(fakes.real, *shared, fakes.erased),
                predicted,
            ),
        )
        is_shuffled = (fakes.shuffled != fakes.real).flatten(1).any(1)
        return dict(
            loss_real=verdict_loss(real, True),
            loss_shuffled=verdict_loss(shuffled, False, is_shuffled),
            loss_erased=verdict_loss(erased, False, fakes.erased.flatten(1).any(1)),
            loss_predicted=verdict_loss(predicted, False),
        )

    def make_fakes(self, targets: VoxelTargets) -> FakeScenes:
        """Draw wrong ground truth for every frame."""
        return draw_fakes(targets, self.num_classes, self.ignore_index)

    def _show_prediction(self, logits: Tensor, targets: VoxelTargets) -> Tensor:
        head = self.segmentor.decode_head
        logits = head.class_logits(logits)
        if isinstance(head, ModulatedSSCHead) and not self.aligned:
            logits = head.last_view.apply(logits)
        return self.display.show_prediction(logits, targets.label_weight)

    def loss_and_logits(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> LossesAndLogits:
        """Compute the losses of the generator, ``loss_adv`` among them.

        The discriminator is not trained by it, but runs in training mode.
        """
        losses, logits = self.generator(
            batch_inputs, batch_data_samples, 'loss_and_logits'
        )
        shown = self._show_prediction(logits, stack_targets(batch_data_samples))
        with frozen(self.discriminator):
            verdict = self.discriminator(shown)
        adversarial = self.loss_weight * verdict_loss(verdict, True)
        return dict(losses, loss_adv=adversarial), logits

    def own_state_dict(self) -> dict[str, Tensor]:
        """Return the discriminator, each name with 'discriminator.'."""
        return unwrap(self.discriminator).state_dict(prefix='discriminator.')
