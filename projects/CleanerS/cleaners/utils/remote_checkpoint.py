"""Checkpoints that are named by their address."""

import hashlib
import os
import os.path as osp
from urllib.parse import urlparse

import torch

from .errors import InputError


def is_url(path: str) -> bool:
    """Whether a path is an address, http or https."""
    return path.startswith(('http://', 'https://'))


def fetch_checkpoint(url: str) -> str:
    """Fetch a file once, into torch's folder for checkpoints.

    Args:
        url (str): http or https.

    Returns:
        str: The file; begins with a hash of the address, since many are called
        ``epoch_20.pth``.

    Raises:
        InputError: If it cannot be fetched or written.
    """
    folder = osp.join(torch.hub.get_dir(), 'checkpoints')
    digest = hashlib.sha256(url.encode()).hexdigest()[:8]
    path = osp.join(folder, f'{digest}-{osp.basename(urlparse(url).path)}')
    if osp.isfile(path):
        return path
    try:
        os.makedirs(folder, exist_ok=True)
        # under another name until it is whole
        torch.hub.download_url_to_file(url, path, progress=False)
    # what a server and a disk may do
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"checkpoint '{url}' cannot be fetched into '{folder}' ({error}); fetch it "
            'yourself and name the file'
        ) from error
    return path
