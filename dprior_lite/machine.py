"""What this machine is and can do: processor or GPU, bfloat16, the default device."""

from __future__ import annotations

import platform
from pathlib import Path

import torch


def cpu_model() -> str:
    """Return the model of the processor as the system names it.

    Examples
    --------
    >>> isinstance(cpu_model(), str)
    True
    """
    info = Path("/proc/cpuinfo")
    if info.is_file():
        for line in info.read_text(encoding="utf8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def hardware(device: torch.device, processes: int = 1) -> str:
    """Return how many of which GPU, or the processor and the number of threads in use.

    Examples
    --------
    >>> "threads" in hardware(torch.device("cpu"))
    True
    """
    if device.type == "cuda":
        return f"{'one' if processes == 1 else processes} {torch.cuda.get_device_name(device)}"
    return f"{cpu_model()}, {processes * torch.get_num_threads()} threads"


def bf16_helps(device: torch.device) -> bool:
    """Return whether training in bfloat16 is faster here.

    It is on a GPU that has it, and on a CPU with tiles of it (AMX). A CPU whose vector instructions know bfloat16
    (`avx512_bf16`), but not its tiles, converts back and forth: photos-unet took 1.09 s a step there, in float32 .66 s.

    Examples
    --------
    >>> isinstance(bf16_helps(torch.device("cpu")), bool)
    True
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return device.type == "cpu" and bool(getattr(torch.cpu, "get_capabilities", dict)().get("amx_bf16"))


def pick_device(device: str | torch.device | None = None) -> torch.device:
    """Return the named device, or a CUDA device if there is one, or the CPU.

    On CUDA, float32 is made to mean float32 (TF32 off).

    Raises
    ------
    ValueError
        If the device is unknown, absent, or an Apple GPU, with the reason.

    Examples
    --------
    >>> pick_device("cpu")
    device(type='cpu')
    """
    try:
        chosen = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"There is no device {device!r}; use cpu or cuda.") from error
    if chosen.type == "mps":
        raise ValueError(
            "Apple GPUs are refused: random numbers there depend on the device, and it was never tried. Use cpu."
        )
    if chosen.type not in ("cpu", "cuda") or (
        chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count()
    ):
        raise ValueError(f"The device {device!r} cannot be used here: PyTorch sees no such hardware. Use cpu.")
    if chosen.type == "cuda":
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
    return chosen
