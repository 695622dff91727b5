"""A run of one weight, whose every number is known."""

import random
import uuid

import numpy as np
import pytest
import torch
import torch.nn as nn
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import Dataset

import cleaners.register_modules  # noqa: F401


class Numbers(Dataset):
    """Frame i is i, and a number of each of three random generators."""

    metainfo = {}

    def __len__(self):
        return 5

    def __getitem__(self, index):
        return dict(
            inputs=torch.tensor(
                [index, random.random(), np.random.rand(), torch.rand(())]
            )
        )


class OneWeight(BaseModel):
    """The gradient of the weight is the mean of i; validates to the weight.

    Attributes:
        seen (list[list]): The frames of every batch in training, and what
            torch's generator gave then.
        validated (int): Batches validated.
    """

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.seen = []
        self.validated = 0

    def forward(self, inputs, mode='tensor'):
        draw = torch.rand(()).item()
        if mode != 'loss':
            self.validated += 1
            return [self.weight.item()] * len(inputs)
        batch = torch.stack(inputs)
        self.seen.append([batch.tolist(), draw])
        return dict(loss=self.weight * batch[:, 0].mean())


class Weight(BaseMetric):
    """The weight is the score."""

    def process(self, data_batch, data_samples):
        self.results.extend(data_samples)

    def compute_metrics(self, results):
        return dict(weight=results[0])


@pytest.fixture
def make_runner(tmp_path):
    """Build a Runner: 5 frames, learning rate 1, a checkpoint every epoch.

    With ``iterations`` it has no epochs, and a checkpoint every ``val_interval``.
    """

    def make(
        hooks,
        epochs=2,
        loader=dict(),
        wrapper=dict(),
        val_interval=1,
        rule='greater',
        model=None,
        lr=1.0,
        optim_wrapper=None,
        work_dir=tmp_path,
        iterations=None,
        max_keep_ckpts=-1,
        **kwargs,
    ):
        by_epoch = iterations is None
        loop = dict(max_epochs=epochs) if by_epoch else dict(max_iters=iterations)
        shared = dict(dataset=Numbers(), collate_fn=dict(type='pseudo_collate'))
        checkpoint = dict(
            type='CheckpointHook',
            interval=1 if by_epoch else val_interval,
            by_epoch=by_epoch,
            max_keep_ckpts=max_keep_ckpts,
            save_best='weight',
            rule=rule,
        )
        return Runner(
            model=model or OneWeight(),
            work_dir=str(work_dir),
            train_dataloader=dict(
                shared,
                **dict(
                    dict(
                        batch_size=1,
                        num_workers=0,
                        sampler=dict(type='DefaultSampler', shuffle=False),
                    ),
                    **loader,
                ),
            ),
            val_dataloader=dict(
                shared,
                batch_size=5,
                num_workers=0,
                sampler=dict(type='DefaultSampler', shuffle=False),
            ),
            val_evaluator=Evaluator([Weight()]),
            val_cfg=dict(),
            train_cfg=dict(by_epoch=by_epoch, val_interval=val_interval, **loop),
            optim_wrapper=optim_wrapper
            or dict(optimizer=dict(type='SGD', lr=lr), **wrapper),
            default_hooks=dict(checkpoint=checkpoint),
            custom_hooks=[
                dict(type=hook) if isinstance(hook, str) else hook for hook in hooks
            ],
            default_scope='mmdet3d',
            experiment_name=uuid.uuid4().hex,
            **kwargs,
        )

    return make


@pytest.fixture
def resume(make_runner, tmp_path):
    """Build a Runner that goes on after an epoch, or an iteration."""

    def make(done, *args, **kwargs):
        unit = 'iter' if kwargs.get('iterations') else 'epoch'
        path = tmp_path / f'{unit}_{done}.pth'
        return make_runner(*args, resume=True, load_from=str(path), **kwargs)

    return make
