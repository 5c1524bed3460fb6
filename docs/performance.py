#!/usr/bin/env python3
# Puts the figures of a benchmark's JSON into the tables of docs/performance.md.
#
# usage: docs/performance.py FILE.json...
#
# A row whose first cell is the name of a result gets the measured cells (ours, spread, peer) and the verdict, which
# follows from its bar: "≤ 30", or "≤ 0.6 or ratio ≥ 0.87". The other cells are written by hand and stay. A result
# without a row is named, so that none is forgotten.
import json
import os
import re
import sys

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "performance.md")


def number(value):
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def verdict(bar, result):
    limits = re.findall(r"(ratio )?≤ ([\d.]+)|(ratio )?≥ ([\d.]+)", bar)
    if not limits:
        return "–"
    best_ratio = min(result["ratio"].values(), default=0)
    met = any(
        (at_most and result["ours"] <= float(at_most)) or (at_least and best_ratio >= float(at_least))
        for _, at_most, _, at_least in limits
    )
    return "yes" if met else "**no**"


def fill(line, results):
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    name = cells[0].strip("`")
    if name not in results:
        return line
    result = results.pop(name)
    low, high = result["spread"]
    peers = ", ".join(f"{peer.replace('_', ' ')} {number(value)}" for peer, value in result["peers"].items())
    cells[2] = f"{number(result['ours'])} {result['unit']}"
    cells[3] = f"{number(low)} … {number(high)}"
    cells[4] = peers or "–"
    cells[6] = verdict(cells[1], result)
    return "| " + " | ".join(cells) + " |\n"


def main(paths):
    results = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        results.update((result["name"], result) for result in document["results"])
        print(f"{path}: {document['machine']['cpu']}, {document['machine']['cores']} cores")
    if not results:
        sys.exit("usage: docs/performance.py FILE.json...")
    with open(PAGE, encoding="utf-8") as file:
        lines = [fill(line, results) if line.startswith("| `") else line for line in file]
    with open(PAGE, "w", encoding="utf-8") as file:
        file.writelines(lines)
    for name in results:
        print(f"no row for {name}")


main(sys.argv[1:])
