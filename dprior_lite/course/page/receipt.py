"""The receipt at the foot of a page: time, memory, hardware, and which numbers come from shipped weights."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping

from dprior_lite import profiles
from dprior_lite.course.claims.checks import checked
from dprior_lite.course.web import widgets
from dprior_lite.machine import hardware
from dprior_lite.used import used

#: Environment variable; where it is 1 a receipt insists that its accounts agree with what was loaded.
STRICT = "DPRIOR_STRICT"


def receipt(numbers: Mapping[str, str] | None = None) -> None:
    """Display time, peak memory, processor, profile, and which numbers come from shipped weights.

    Parameters
    ----------
    numbers : mapping of str to str, optional
        For each shipped weight the page loaded, the numbers and figures that come from it, such as
        `{"photos-unet": "mi-4, mi-5"}`. Everything else on the page was computed live.

    Raises
    ------
    ValueError
        Where pages are made for publication (`DPRIOR_STRICT=1`), if `numbers` leaves out a weight that this page has
        loaded, or names one that it has not, unless a claim could not be measured here: what needs a set that is absent
        loads nothing, and is left out of the receipt. A reader's own notebook never fails: it lists what was loaded.

    Examples
    --------
    >>> receipt({"photos-unet": "mi-4"})
    time since the kernel started: ...
    """
    loaded, told = list(used("weights")), dict(numbers or {})
    if os.environ.get(STRICT) == "1":
        told = _agreed(loaded, told)
    shipped = [f"{told[name]} ({name})" if name in told else name for name in loaded]
    stored = ", ".join(used("measurements"))
    rows = {
        "time since the kernel started": _known(lambda: _duration(seconds_of_this_process())),
        "peak memory": _known(lambda: ", ".join(_memory())),
        "computed on": _known(lambda: ", ".join(_processors())),
        "profile": _known(lambda: profiles.current().name),
        "from shipped weights": "; ".join(shipped) or "nothing",
        "measured once and stored": stored or "nothing",
        "computed or trained live": "everything else" if shipped or stored else "everything",
        "data": ", ".join(f"{name} (version {version})" for name, version in used("data").items()) or "none",
    }
    _show(rows)


def _known(tell: Callable[[], str]) -> str:
    """Return what a row says; a machine that does not tell is no reason for a reader's page to stop."""
    try:
        return tell()
    except Exception as error:
        return f"not known here ({type(error).__name__})"


def _agreed(loaded: list[str], told: dict[str, str]) -> dict[str, str]:
    """Return the accounts of a page, or raise an error where they do not agree with what was loaded."""
    if any(record["status"] == "not measured" for record in checked()):
        told = {name: what for name, what in told.items() if name in loaded}
    if sorted(told) != loaded:
        raise ValueError(
            f"this page loaded {', '.join(loaded) or 'no weights'}; the receipt accounts for"
            f" {', '.join(told) or 'none'}"
        )
    return told


def _show(rows: Mapping[str, str]) -> None:
    from IPython import get_ipython
    from IPython.display import display

    text = "\n".join(f"{what}: {value}" for what, value in rows.items())
    if get_ipython() is None:
        print(text)
    else:
        page = widgets.render("receipt.html", rows=rows.items())
        display({"text/plain": text, "text/html": page}, raw=True)


def seconds_of_this_process() -> float:
    """Seconds since this process started.

    Examples
    --------
    >>> 0 < seconds_of_this_process() < 1e7
    True
    """
    import time

    import psutil

    return time.time() - psutil.Process().create_time()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _memory() -> list[str]:
    """Peak memory of the process, and of the GPU where one was used."""
    import torch

    found = [f"{peak_bytes() / 2**30:.1f} GiB"]
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        found.append(f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB on the GPU")
    return found


def peak_bytes() -> int:
    """The most memory this process has held, in bytes.

    Examples
    --------
    >>> peak_bytes() > 2**20
    True
    """
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _processors() -> list[str]:
    """Model of the CPU with its number of threads, and of the GPU where there is one."""
    import torch

    found = [hardware(torch.device("cpu"))]
    if torch.cuda.is_available():
        found.append(hardware(torch.device("cuda")))
    return found
