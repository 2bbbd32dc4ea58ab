"""Gates: every public function passes its arguments through these before it computes anything.

What each gate promises, in one place:

- `network`: a network is called in `eval` mode, with a copy of the caller's tensor. It returns one tensor of the shape,
  dtype and device that it was given, and treats every item by itself. Otherwise an error says so.
- `operator`: an operator is linear, treats every item by itself, has a true adjoint and gets a copy. Where a solution
  is promised to agree with its measurements, the two are compared at the end.
- `gradient`: where a derivative is taken, the network records it; a derivative that is zero or incomplete because of
  `detach`, `no_grad` or `inference_mode` is an error.
- `numbers`: a number is finite and in its range, so NaN is refused. A count is a whole number with a bound. A random
  function takes a `torch.Generator`.
- `levels`: a batch is finite, float32 or float64. A noise level is one number, or one an item (B,), and is never spread
  over the width of a picture. Networks are built in float32 on the CPU, whatever torch's defaults are.
- `pictures`: a file becomes an upright picture of display values in [0, 1], or is refused with a reason. A tensor of
  clean pictures is finite, floating point, (B, C, H, W) and about [0, 1]. A value never wraps around.
- `names`: the name of a weight is a plain name and never a path, and a card is checked before a network is built.
- `files`: a file is written whole or not at all, by one writer at a time, and a weight together with its card. What a
  killed writer left behind is removed at the next start.

A refusal is a `TypeError` or a `ValueError` of at most three lines: the argument, what came, what was expected and what
to do. Gates import torch, numpy, PIL and each other; every other part of the package may import gates.
"""

from __future__ import annotations
