"""piot: a build graph and release engine for polyglot Rust libraries."""

__version__ = "0.1.0"
