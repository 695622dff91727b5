from abc import abstractmethod
from typing import Any

from mmdet3d.models import Base3DSegmentor
from torch import Tensor

from ...structures.ssc_data_sample import OptSampleList, SampleList
from ..decode_heads import SSCHead
from .voxel_targets import VoxelTargets, stack_targets

LossesAndLogits = tuple[dict[str, Tensor], Tensor]


class BaseSSCSegmentor(Base3DSegmentor):
    """What is done with a network that gives every voxel its logits.

    Call chains:

    .. code:: text

        loss():     loss_and_logits()
        predict():  encode_decode() -> decode_head.predict_by_feat()
        _forward(): encode_decode()

        loss_and_logits(): extract_feat() -> decode() -> loss_by_feat()
        encode_decode():   extract_feat() -> decode()

    A network says what the three at the ends do, and has a ``decode_head``.
    """

    # What is overridden here mmdet3d declares for other inputs than a dict of
    # tensors, and for lists of Det3DDataSample, which no list of our samples is.

    decode_head: SSCHead

    @abstractmethod
    def extract_feat(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Compute the features of a batch."""

    @abstractmethod
    def decode(self, feats: dict[str, Tensor]) -> Tensor:
        """Turn features into the voxel logits of :meth:`SSCHead.forward`.

        Returns:
            Tensor: (B, num_classes, X, Y, Z); with a void logit
            num_classes + 1, that one last.
        """

    @abstractmethod
    def loss_by_feat(
        self,
        feats: dict[str, Tensor],
        logits: Tensor,
        batch_inputs: dict[str, Tensor],
        targets: VoxelTargets,
    ) -> dict[str, Tensor]:
        """Compute the supervised losses from features and logits."""

    def encode_decode(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], batch_data_samples: OptSampleList = None
    ) -> Tensor:
        """Compute the voxel logits of a batch, as :meth:`decode`."""
        return self.decode(self.extract_feat(batch_inputs))

    def forward(  # type: ignore[override]
        self,
        inputs: dict[str, Tensor],
        data_samples: OptSampleList = None,
        mode: str = 'tensor',
    ) -> Any:
        """Run the network, with one mode more than :obj:`Base3DSegmentor`.

        Args:
            inputs (dict[str, Tensor]): As :meth:`extract_feat`.
            data_samples (list[:obj:`SSCDataSample`], optional): Samples.
            mode (str): 'loss', 'predict' or 'tensor'; or 'loss_and_logits',
                for who trains with a further loss on the logits.
        """
        if mode == 'loss_and_logits':
            # where losses are asked for there are samples
            return self.loss_and_logits(inputs, data_samples)  # type: ignore[arg-type]
        return super().forward(inputs, data_samples, mode)  # type: ignore[arg-type]

    def loss(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> dict[str, Tensor]:
        """Compute the supervised losses, those of :meth:`loss_by_feat`."""
        return self.loss_and_logits(batch_inputs, batch_data_samples)[0]

    def loss_and_logits(
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> LossesAndLogits:
        """Compute the losses, and the logits of :meth:`decode`."""
        feats = self.extract_feat(batch_inputs)
        logits = self.decode(feats)
        losses = self.loss_by_feat(
            feats, logits, batch_inputs, stack_targets(batch_data_samples)
        )
        return losses, logits

    def predict(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], batch_data_samples: SampleList
    ) -> SampleList:
        """Fill ``pred_voxel_seg`` of every sample, as the head says."""
        logits = self.encode_decode(batch_inputs)
        frames = self.decode_head.predict_by_feat(logits)
        for sample, voxels in zip(batch_data_samples, frames):
            sample.pred_voxel_seg = voxels
        return batch_data_samples

    def _forward(  # type: ignore[override]
        self, batch_inputs: dict[str, Tensor], batch_data_samples: OptSampleList = None
    ) -> Tensor:
        """Compute the voxel logits, as :meth:`decode`."""
        return self.encode_decode(batch_inputs)
