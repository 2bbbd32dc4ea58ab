"""The receipt at the foot of a page: what it cost, on what, and which numbers it did not earn itself."""

from __future__ import annotations

import html
import sys
from collections.abc import Mapping

from dprior_lite.course.claims.checks import checked
from dprior_lite.course.page import profiles
from dprior_lite.machine import hardware
from dprior_lite.used import used


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
        If `numbers` leaves out a weight that this page has loaded, or names one that it has not, unless a claim could
        not be measured here: what needs a set that is absent loads nothing, and is left out of the receipt.

    Examples
    --------
    >>> receipt({"photos-unet": "mi-4"})
    Traceback (most recent call last):
    ValueError: this page loaded no weights; the receipt accounts for photos-unet
    """
    loaded, told = list(used("weights")), dict(numbers or {})
    if any(record["status"] == "not measured" for record in checked()):
        told = {name: what for name, what in told.items() if name in loaded}
    if sorted(told) != loaded:
        raise ValueError(
            f"this page loaded {', '.join(loaded) or 'no weights'}; the receipt accounts for"
            f" {', '.join(told) or 'none'}"
        )
    rows = {
        "time since the kernel started": _duration(seconds_of_this_process()),
        "peak memory": ", ".join(_memory()),
        "computed on": ", ".join(_processors()),
        "profile": profiles.current().name,
        "from shipped weights": "; ".join(f"{what} ({name})" for name, what in told.items()) or "nothing",
        "computed or trained live": "everything else" if told else "everything",
        "data": ", ".join(f"{name} (version {version})" for name, version in used("data").items()) or "none",
    }
    _show(rows)


def _show(rows: Mapping[str, str]) -> None:
    from IPython import get_ipython
    from IPython.display import display

    text = "\n".join(f"{what}: {value}" for what, value in rows.items())
    cells = "".join(f'<tr><th scope="row">{html.escape(k)}</th><td>{html.escape(v)}</td></tr>' for k, v in rows.items())
    if get_ipython() is None:
        print(text)
    else:
        page = (
            '<div style="overflow-x:auto"><table'
            f' class="dprior-receipt"><caption>Receipt</caption><tbody>{cells}</tbody></table></div>'
        )
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
