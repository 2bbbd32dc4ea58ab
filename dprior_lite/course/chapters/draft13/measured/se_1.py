"""How sparse the code is before and after every block (se-1 and se-9), for three kinds of pictures.

One item is one network, trained or not, and one draw of the noise.
"""

from __future__ import annotations

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers
from dprior_lite.representation import participation_ratio

PICTURES = 200


def keys() -> list[str]:
    """Return the items."""
    return middles.keys()


def measure(key: str) -> Numbers:
    """Return medians over pictures of the ratio that enters and leaves each block, and of their difference.

    `spread` and `output_spread` are standard deviations over pictures, at the middle. `living` is the share of the
    channels of the middle that are on for any picture, `living_output` the ratio among these alone.
    """
    kind, seed, untrained = middles.of_key(key)
    found = middles.profile(kind, middles.SIGMA, seed, untrained, PICTURES)
    before = [participation_ratio(means.input) for means in found.values()]
    after = [participation_ratio(means.output) for means in found.values()]
    place = middles.BLOCKS.index("middle")
    change = after[place] - before[place]
    code = found["middle"].output
    living = code.amax(0) > 0  # (C,)
    return {
        "input": [float(v.median()) for v in before],
        "output": [float(v.median()) for v in after],
        "change": [float((b - a).median()) for a, b in zip(before, after)],
        "spread": float(change.std()),
        "output_spread": float(after[place].std()),
        "living": float(living.double().mean()),
        "living_output": float(participation_ratio(code[:, living]).median()),
    }
