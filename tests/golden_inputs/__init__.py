"""Weights and inputs that the golden numbers were measured on.

They are drawn, the same bytes everywhere: see :mod:`golden_inputs.streams`. What
is drawn is a convention of the goldens, and so are the names and the order of the
draws; ``tests/test_parity/test_golden_inputs.py`` has the digests.
"""
