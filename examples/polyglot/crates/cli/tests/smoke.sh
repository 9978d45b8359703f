#!/bin/sh
# The program finds the phrase that the text is about.
set -eu
found=$("$1" --limit 1 crates/cli/tests/text.txt)
[ "$found" = "   9.00  build graph keeps" ] || {
    echo "found: $found"
    exit 1
}
