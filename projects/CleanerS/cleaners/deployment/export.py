"""Write a network as one file that runs without this project."""

import importlib
import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

import torch

from ..models.segmentors import SSCSegmentor
from ..utils.atomic_write import write_atomically
from ..utils.errors import InputError
from .metadata import KEY, describe_network
from .static_net import StaticSSCNet

# what torch's exporter writes itself, and engines of the last years read
OPSET = 18
FORMATS = ('onnx', 'torch')
# the first whose exporter takes programs of torch.export
_MIN_TORCH = '2.6'
# the exporter makes the graph with onnxscript
ONNX_PACKAGES = ('onnx', 'onnxscript')
# tell of every node that they do not fold
_CHATTY = ('onnxscript', 'onnx_ir', 'torch.onnx')


def export_network(net: SSCSegmentor, format: str, path: str) -> dict:
    """Write a network of :func:`init_ssc_model`, with static shapes.

    Args:
        net (SSCSegmentor): The network; left as it is.
        format (str): 'onnx', or 'torch' for a program of ``torch.export``.
        path (str): The file; written whole or not at all.

    Returns:
        dict: The metadata, of :func:`describe_network`, that the file holds
        as JSON under the key 'cleaners'.

    Raises:
        InputError: If the format is unknown or needs what is not
            installed, or torch is too old.
    """
    if format not in FORMATS:
        raise InputError(f'format should be one of {list(FORMATS)}, but got {format!r}')
    _require_torch()
    if format == 'onnx':
        _require_onnx()
    static = StaticSSCNet(net)
    metadata = describe_network(static)
    encode: dict[str, Callable] = dict(onnx=_encode_onnx, torch=_encode_torch)
    content = encode[format](trace(static), json.dumps(metadata))
    write_atomically(path, content)
    return metadata


def trace(static: StaticSSCNet) -> 'torch.export.ExportedProgram':
    """Record a network as a program of ``torch.export``."""
    fastpath = torch.backends.mha.get_fastpath_enabled()
    # an attention as one operator that torch alone has
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with torch.no_grad():
            program = torch.export.export(
                static, (), static.make_inputs(), strict=False
            )
    finally:
        torch.backends.mha.set_fastpath_enabled(fastpath)
    for node in program.graph.nodes:  # paths of this machine
        node.meta.pop('stack_trace', None)
    return program


def _encode_torch(program: 'torch.export.ExportedProgram', metadata: str) -> bytes:
    content = io.BytesIO()
    torch.export.save(program, content, extra_files={KEY: metadata})
    return content.getvalue()


def _encode_onnx(program: 'torch.export.ExportedProgram', metadata: str) -> bytes:
    with _quiet():
        exported = torch.onnx.export(
            program,
            dynamo=True,
            opset_version=OPSET,
            output_names=['logits'],
            verbose=False,
        )
    # with dynamo there is a program
    model = exported.model  # type: ignore[union-attr]
    model.metadata_props[KEY] = metadata
    for node in model.graph:  # where in the code each one comes from
        node.metadata_props.clear()
    return exported.model_proto.SerializeToString()  # type: ignore[union-attr]


@contextmanager
def _quiet() -> Iterator[None]:
    """Let exporters tell of errors only."""
    loggers = [logging.getLogger(name) for name in _CHATTY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore', FutureWarning)
            yield
    finally:
        for logger, level in zip(loggers, levels):
            logger.setLevel(level)


def _require_torch() -> None:
    """Refuse a torch that is too old.

    Raises:
        InputError: If it is.
    """
    if torch.__version__ < _MIN_TORCH:
        raise InputError(
            f'exports need torch {_MIN_TORCH} or newer, but '
            f'torch {torch.__version__} is installed'
        )


def _require_onnx() -> None:
    """Refuse to start without what the ONNX exporter needs.

    Raises:
        InputError: If a package is missing.
    """
    for name in ONNX_PACKAGES:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise InputError(
                f"--format onnx needs the package '{name}': "
                'pip install -r requirements/export.txt'
            ) from error
