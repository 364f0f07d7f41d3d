"""Print the tables of docs/claims.md: ``python -m gahb.claims.expected``."""

from __future__ import annotations

from gahb.claims.expected import EXPECTED


def document() -> str:
    """Return a table for each page of claims, a row for each claim."""
    lines = []
    for title, claims in EXPECTED.items():
        lines += [f"## {title}", "", "| key | source | what is claimed | expected | reason |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        for key, expected in claims.items():
            reason = expected.reason
            if expected.changed:
                reason += f" *Changed after results: {expected.changed}*"
            cells = [f"`{key}`", expected.source, expected.says, str(expected), reason]
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(document(), end="")
