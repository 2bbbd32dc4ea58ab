"""How often each channel of the middle is on, and the kurtosis of its values (se-3), for three kinds of pictures.

One item is one network, trained or not, and one draw of the noise. `one_per_cluster` is the share of common channels of
a code that has one channel a cluster.
"""

from __future__ import annotations

from torch.nn.functional import one_hot

from dprior_lite.course.lab import middles
from dprior_lite.course.measurements import Numbers
from dprior_lite.representation import assign, channel_types, clusters

CLUSTERS = 40


def keys() -> list[str]:
    """Return the items."""
    return middles.keys()


def measure(key: str) -> Numbers:
    """Return the two shares, and for each channel how often it is on and its kurtosis; 0 and 0 if it never changes."""
    kind, seed, untrained = middles.of_key(key)
    phi = middles.phi(kind, "test", middles.HELD, seed, untrained)
    types = channel_types(phi)
    code = one_hot(assign(phi, clusters(phi, CLUSTERS, seed)), CLUSTERS).float()
    return {
        "common": float(types.common.double().mean()),
        "specialised": float(types.specialised.double().mean()),
        "never": float(types.kurtosis.isnan().double().mean()),
        "active": types.active.where(~types.kurtosis.isnan(), types.active.new_zeros(())).tolist(),
        "kurtosis": types.kurtosis.nan_to_num(0.0).tolist(),
        "one_per_cluster": float(channel_types(code).common.double().mean()),
    }
