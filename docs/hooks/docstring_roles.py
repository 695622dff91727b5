"""Griffe extension: docstrings as OpenMMLab writes them, for Markdown."""

import griffe

# the hook, which names this extension, has imported it before
from api_pages import markdown_docstring


class DocstringRoles(griffe.Extension):
    """Rewrite every docstring before it is parsed.

    Args:
        names (dict[str, str]): Of :func:`api_pages.full_names`.
    """

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self.names = names

    def on_instance(self, *, obj: griffe.Object, **kwargs) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring is not None:
            text = markdown_docstring(obj.docstring.value, self.names)
            obj.docstring.value = text
