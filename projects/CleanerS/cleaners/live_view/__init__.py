"""Pages in a browser in which one completes own frames (tools/serve.py)."""
