"""Next steps that first say what the thing was needed for, where that is known."""

from __future__ import annotations

from collections.abc import Mapping


def with_reasons(texts: Mapping[str, str], reason: str) -> dict[str, str]:
    """Return texts and, for each next step of a text about a source, the same behind a reason.

    `a.b.hint` gets `a.b.needed.hint`, `a.b.x.hint` gets `a.b.x_needed.hint`: a problem picks it by
    the `key` of its data.
    """
    found = dict(texts)
    for name, step in texts.items():
        key = name.removesuffix(".hint")
        about = ".".join(key.split(".")[:2])
        if key != name and "{source}" in texts[about]:
            found[f"{key}{'.' if key == about else '_'}needed.hint"] = reason + step
    return found
