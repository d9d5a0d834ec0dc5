"""The table of values in the chart's README, made from the comments of values.yaml.

Run as a program it puts the table into the README; a test compares the two.
"""

import json
import re

import yaml

from chart import CHART

README = CHART / "README.md"
HEAD = "| Value | Meaning | Default |\n| --- | --- | --- |\n"


def described():
    """Each key with a comment of its own, as a path with the comment's text."""
    path, text = [], None
    for line in (CHART / "values.yaml").read_text().splitlines():
        if comment := re.match(r" *# -- (.+)", line):
            text = comment[1]
        elif key := re.match(r"((?:  )*)([A-Za-z]+):", line):
            path[len(key[1]) // 2:] = [key[2]]
            if text is not None:
                yield tuple(path), text
            text = None


def table():
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    texts = dict(described())
    rows = []
    for path, text in texts.items():
        if any(other[:len(path)] == path and other != path for other in texts):
            continue
        value = values
        for key in path:
            value = value[key]
        default = json.dumps(value)
        default = "see values.yaml" if len(default) > 60 else f"`{default}`"
        rows.append(f"| `{'.'.join(path)}` | {text} | {default} |\n")
    return HEAD + "".join(rows)


def parts():
    """What stands before the table in the README, and the table."""
    before, head, rows = README.read_text().partition(HEAD)
    return before, head + rows


if __name__ == "__main__":
    README.write_text(parts()[0] + table())
