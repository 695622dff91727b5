"""Checkpoints that are named by their address."""

import hashlib
import os.path as osp
from http.client import HTTPException
from urllib.parse import urlparse
from urllib.request import Request, urlopen

import torch

from .atomic_write import write_atomically
from .errors import InputError

_TIMEOUT = 60  # seconds without an answer


def is_url(path: str) -> bool:
    """Whether a path is an address, http or https."""
    return str(path).startswith(('http://', 'https://'))


def fetch_checkpoint(url: str) -> str:
    """Fetch a file once, into torch's folder for checkpoints.

    Args:
        url (str): http or https.

    Returns:
        str: The file; begins with a hash of the address, since many are called
        ``epoch_20.pth``.

    Raises:
        InputError: If it cannot be fetched whole, or written.
    """
    folder = osp.join(torch.hub.get_dir(), 'checkpoints')
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    path = osp.join(folder, f'{digest}-{osp.basename(urlparse(url).path)}')
    if osp.isfile(path):
        return path
    try:
        # some servers do not answer what urllib calls itself
        request = Request(url, headers={'User-Agent': 'cleaners'})
        with urlopen(request, timeout=_TIMEOUT) as response:
            write_atomically(path, response.read())
    except (OSError, ValueError, HTTPException) as error:
        raise InputError(
            f"checkpoint '{url}' cannot be fetched into '{folder}' ({error}); fetch it "
            'yourself and name the file'
        ) from error
    return path
