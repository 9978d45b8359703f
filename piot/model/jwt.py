"""What identity tokens say of themselves (RFC 7519); whether it is true is for those to see who take them."""

from __future__ import annotations

import base64
import json

from piot.model.tables import Table, as_table


def claims_of(token: str) -> Table:
    """The claims of a token, not verified: for messages, and to choose. Empty for what is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        return as_table(json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))))
    except ValueError:
        return {}
