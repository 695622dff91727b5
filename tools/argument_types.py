"""Types of command line arguments that the tools share."""
import argparse
from typing import Callable


def at_least(minimum: int) -> Callable[[str], int]:
    """Return a type for argparse: an integer that is not too small.

    Args:
        minimum (int): The least value.
    """

    def integer(text: str) -> int:
        number = int(text)
        if number < minimum:
            raise argparse.ArgumentTypeError(
                f'should be at least {minimum}, got {text}')
        return number

    return integer
