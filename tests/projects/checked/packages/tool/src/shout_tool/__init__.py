"""Makes files loud."""

__version__ = "0.3.0"
