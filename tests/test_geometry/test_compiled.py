"""Compiled loops, also where nothing can be written."""

from cleaners.geometry.compiled import compiled


def test_code_without_a_place_for_its_cache_is_compiled_all_the_same():
    """Numba finds none for what no file holds; it raised RuntimeError."""
    names = dict(compiled=compiled)
    text = '@compiled()\ndef double(x):\n    return 2 * x\n'
    exec(compile(text, '<nowhere>', 'exec'), names)
    assert names['double'](21) == 42
