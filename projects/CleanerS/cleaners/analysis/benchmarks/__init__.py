"""What ``benchmark.py`` measures: one module a task, and what they share.

A task has ``measure(args)``, which gives the numbers, and
``format_result(result)``, which gives the table.
"""
