"""Draws docs/images/limits-*.png from the curves that LimitConvergenceTests writes. docs/algorithms.md has the command."""
import csv
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

SERVERS = {"workers": "M/M/c", "sharing": "processor sharing with a knee"}
ALGORITHMS = {"Gradient2": "#1b6ca8", "Aimd": "#d1603d", "Vegas": "#3b8f5a"}


def read(path):
    with path.open() as file:
        rows = [tuple(map(float, row)) for row in csv.reader(file)]
    return [list(column) for column in zip(*rows)]


def draw(source, target, kind, capacities):
    figure, axes = plt.subplots(len(capacities), 1, figsize=(10, 2.3 * len(capacities)), sharex=True)
    for axis, capacity in zip(axes, capacities):
        for name, colour in ALGORITHMS.items():
            seconds, limit, best = read(source / f"{name}-{kind}-{capacity}.csv")
            axis.step(seconds, limit, where="post", color=colour, linewidth=1, label=name)
        low = [min(0.9 * b, b - 1) for b in best]
        high = [max(1.1 * b, b + 1) for b in best]
        axis.fill_between(seconds, low, high, color="#888888", alpha=0.25, linewidth=0, label="best, and 10 % or 1 of it")
        axis.step(seconds, best, where="post", color="black", linewidth=0.8)
        for step in (0, 40, 80):
            axis.axvline(step + 20, color="#888888", linewidth=0.6, linestyle=":")
        axis.set_ylim(0, 2.2 * max(best) / 1.4)
        axis.set_ylabel(f"limit, from {capacity}")
        axis.grid(alpha=0.2)
    axes[0].legend(loc="upper right", ncol=4, fontsize=8)
    axes[0].set_title(f"{SERVERS[kind]}: capacity x1, x2, x0.5; dotted: 20 s after a step")
    axes[-1].set_xlabel("seconds")
    figure.tight_layout()
    figure.savefig(target / f"limits-{kind}.png", dpi=80)
    plt.close(figure)


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    target.mkdir(parents=True, exist_ok=True)
    draw(source, target, "workers", [1, 4, 8, 16, 100, 1000])
    draw(source, target, "sharing", [1, 4, 8, 16, 100])
