"""From memorising to generalising: what a denoiser learns from N training pictures.

Train one network on N pictures and a second one on N others. If both memorise, each samples its own pictures. If both
generalise, they are nearly the same function, and from the same noise they draw nearly the same picture (Kadkhodaie,
Guth, Simoncelli & Mallat 2024). This package measures that:

- `disjoint_halves` and `without_near_duplicates` choose the two training sets;
- `paired_samples` draws from both networks with the same noise and one common start;
- `correlation`, `mismatched` and `nearest` compare the samples with each other and with the training pictures;
- `disagreement` compares the networks as functions, `train_test_gap` measures how much better a network is on its own
  training pictures;
- `EmpiricalBayes` is the exact denoiser of a finite training set: a memoriser, without any training.

It trains nothing. Whether two pictures look alike to a person is not measured either: correlation compares pixels.
"""

from __future__ import annotations

from dprior_lite.generalization.empirical_bayes import EmpiricalBayes
from dprior_lite.generalization.gap import Gap, train_test_gap
from dprior_lite.generalization.likeness import Nearest, correlation, cosine, mismatched, nearest
from dprior_lite.generalization.pairs import Disagreement, disagreement, paired_samples
from dprior_lite.generalization.subsets import disjoint_halves, without_near_duplicates

__all__ = [
    "Disagreement",
    "EmpiricalBayes",
    "Gap",
    "Nearest",
    "correlation",
    "cosine",
    "disagreement",
    "disjoint_halves",
    "mismatched",
    "nearest",
    "paired_samples",
    "train_test_gap",
    "without_near_duplicates",
]
