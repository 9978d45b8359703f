"""Small checkouts in which real commands run."""

from tests.support.checkout import make_checkout, probes

__all__ = ["make_checkout", "probes"]
