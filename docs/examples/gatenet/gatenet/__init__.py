"""GateNet: the example of docs/extending.md, a method on top of ``cleaners``."""
