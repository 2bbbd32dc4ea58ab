"""The gate for networks: eval mode, a copy of the input, one tensor of the right kind back, and a recorded gradient.

`network(net)` wraps a callable once; the wrapped one is called in its place. A call costs one copy of its input. The
first call also watches for batch statistics and dropout, in the network and in whatever it calls, and stops before they
change anything.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from dprior_lite.gates.numbers import kind_of

Denoiser = Callable[[Tensor], Tensor]
ToldDenoiser = Callable[[Tensor, Tensor], Tensor]

_DROPOUTS = (F.dropout, F.dropout1d, F.dropout2d, F.dropout3d, F.alpha_dropout, F.feature_alpha_dropout)
_LONGEST = 160  # letters that are quoted of another error


def network(net: Callable[..., Tensor], name: str = "net") -> Network:
    """Return `net` behind the gate: called with copies, and checked at every call.

    Parameters
    ----------
    net : callable
        Denoiser `net(y)` or `net(y, sigma)`; one that is behind the gate already comes back as it is.
    name : str
        What errors call it.

    Raises
    ------
    TypeError
        If it cannot be called.
    ValueError
        If it is a module in train mode with batch statistics or dropout.

    Examples
    --------
    >>> y = torch.ones(1, 2)
    >>> network(lambda v: v.mul_(2))(y), y
    (tensor([[2., 2.]]), tensor([[1., 1.]]))
    """
    if isinstance(net, Network):
        return net
    if not callable(net):
        raise TypeError(f"{name} is {kind_of(net)}; expected a denoiser that is called net(y), such as load(...).")
    require_eval(net, name)
    return Network(net, name)


class Network:
    """A network behind the gate; made by `network`.

    Attributes
    ----------
    inner : callable
        The network itself.
    """

    def __init__(self, inner: Callable[..., Tensor], name: str = "net", state: dict[str, bool] | None = None) -> None:
        self.inner, self.name = inner, name
        self.state = {"watched": False, "recorded": False} if state is None else state

    def __call__(self, y: Tensor, *levels: float | Tensor) -> Tensor:
        """Return what the network makes of copies of `y` (B, ...) and of the levels, of the shape of `y`."""
        return same_kind(self.raw(y, *levels), y)

    def raw(self, y: Tensor, *levels: float | Tensor) -> Any:
        """Return what the network makes of copies of its arguments, whatever that is."""
        copies = [v.clone() if isinstance(v, Tensor) else v for v in (y, *levels)]
        if self.state["watched"]:
            return answer(self.inner, *copies, name=self.name)
        with batch_statistics_refused(self.inner, self.name):
            out = answer(self.inner, *copies, name=self.name)
        self.state["watched"] = True
        return out

    def of(self, items: Tensor) -> Network:
        """Return the network of some items of a batch, for one that differs from item to item."""
        return Network(self.inner.of(items), self.name, self.state) if hasattr(self.inner, "of") else self


def answer(net: Callable[..., Any], y: Tensor, *levels: float | Tensor, name: str = "net") -> Any:
    """Return what a network makes of its arguments; where it fails, the error says on what.

    Raises
    ------
    ValueError
        If the network cannot be called so, or stops with an error of torch.

    Examples
    --------
    >>> answer(lambda y: y @ torch.zeros(3, 3), torch.zeros(1, 2))
    Traceback (most recent call last):
    ValueError: net failed on a torch.float32 tensor of shape (1, 2) on cpu: RuntimeError: mat1 and mat2 shapes ...
    """
    if not callable(net):
        raise TypeError(f"{name} is {kind_of(net)}; expected a denoiser that is called net(y), such as load(...).")
    try:
        return net(y, *levels)
    except (RuntimeError, TypeError, IndexError, AttributeError, NotImplementedError) as error:
        if isinstance(error, torch.OutOfMemoryError | Refused):
            raise
        raise ValueError(
            f"{name} failed on {kind_of(y)} on {y.device}: {type(error).__name__}: {first_words(error)}\n"
            f"Expected a denoiser that takes such a tensor{' and a noise level' if levels else ''}; move or convert"
            " one of the two, or run check_denoiser."
        ) from error


class InTrainMode(ValueError):
    """A network behaves as in training: an item would depend on its batch or on chance."""


class Refused(TypeError):
    """A network's answer is not one tensor of the right kind."""


def first_words(error: BaseException) -> str:
    """Return the beginning of an error's text on one line.

    Examples
    --------
    >>> first_words(ValueError("one\\n  two"))
    'one two'
    """
    said = " ".join(str(error).split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}..."


def same_kind(x_hat: Tensor, y: Tensor, dtype: bool = True) -> Tensor:
    """Return a denoiser's answer if it is one tensor of the shape, dtype and device of `y`.

    Parameters
    ----------
    x_hat : Tensor
        The answer.
    y : Tensor
        What the denoiser was given.
    dtype : bool
        Whether the dtype must be the same too; a training under autocast answers in another one.

    Raises
    ------
    TypeError, ValueError
        If it is not.

    Examples
    --------
    >>> same_kind(torch.zeros(2), torch.zeros(2))
    tensor([0., 0.])
    """
    if not isinstance(x_hat, Tensor):
        raise Refused(
            f"The denoiser returned {kind_of(x_hat)} for {tuple(y.shape)}; expected one tensor of the same shape. "
            "Pick the picture out of it: lambda y: net(y)[0]."
        )
    if x_hat.shape != y.shape:
        raise ValueError(
            f"The denoiser returned {tuple(x_hat.shape)} for {tuple(y.shape)}; expected the same shape. Run"
            " check_denoiser."
        )
    if (dtype and x_hat.dtype != y.dtype) or x_hat.device != y.device:
        raise ValueError(
            f"The denoiser returned {x_hat.dtype} on {x_hat.device} for {y.dtype} on {y.device}; expected the same. "
            "Convert its answer: lambda y: net(y).to(y)."
        )
    return x_hat


def _depends_on_mode(module: nn.Module) -> str:
    """Return what makes a module in train mode unfit to be measured, or nothing."""
    if isinstance(module, nn.modules.dropout._DropoutNd):
        return "draws random zeros" if module.training and module.p > 0 else ""
    running = any(name.startswith("running_") and b is not None for name, b in module._buffers.items())
    if module.training and (running or isinstance(module, nn.modules.batchnorm._BatchNorm)):
        return "uses the statistics of the batch and changes its own"
    return ""


def require_eval(net: Callable[..., Any], name: str = "net") -> None:
    """Refuse a module of which a part is in train mode and has batch statistics or dropout; nothing is run.

    Raises
    ------
    ValueError
        With the name of the part.

    Examples
    --------
    >>> require_eval(nn.Sequential(nn.BatchNorm2d(1)).eval())
    >>> require_eval(nn.Sequential(nn.BatchNorm2d(1)))
    Traceback (most recent call last):
    dprior_lite.gates.network.InTrainMode: net is in train mode: its BatchNorm2d uses the ...
    """
    for module in net.modules() if isinstance(net, nn.Module) else ():
        _refuse_part(module, name)


def _refuse_part(module: nn.Module, name: str) -> None:
    reason = _depends_on_mode(module)
    if reason:
        raise InTrainMode(
            f"{name} is in train mode: its {type(module).__name__} {reason}. An item would depend on the others in its"
            " batch, or on chance. Call net.eval() first."
        )


class _TrainModeWatch(TorchFunctionMode):
    """Stop functions that behave as in training, before they change anything."""

    def __init__(self, name: str, dropout: bool) -> None:
        super().__init__()
        self.name, self.dropout = name, dropout

    def __torch_function__(self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if (self.dropout and func in _DROPOUTS) or func in (
            F.batch_norm,
            F.instance_norm,
            F.scaled_dot_product_attention,
        ):
            reason = _as_in_training(func, args, kwargs)
            if reason:
                raise InTrainMode(
                    f"{self.name} calls {func.__name__} as in training: it {reason}. An item would depend on the others"
                    " in its batch, or on chance. Call net.eval() first."
                )
        return func(*args, **kwargs)


def _as_in_training(func: Callable, args: tuple, kwargs: dict) -> str:
    """Return what a call of a layer's function does that it does in training only, or nothing."""
    if func is F.scaled_dot_product_attention:  # (query, key, value, mask, dropout_p)
        rate = kwargs.get("dropout_p", args[4] if len(args) > 4 else 0.0)
        return "draws random zeros" if rate > 0 else ""
    bound = inspect.signature(func).bind(*args, **kwargs)
    bound.apply_defaults()
    given = bound.arguments
    if func in _DROPOUTS:
        return "draws random zeros" if given["training"] and given["p"] > 0 else ""
    if func is F.instance_norm:
        changes = given["use_input_stats"] and given["running_mean"] is not None
        return "changes its running statistics" if changes else ""
    return "uses the statistics of the batch" if given["training"] else ""


@contextmanager
def batch_statistics_refused(net: Callable[..., Any], name: str = "net", dropout: bool = True) -> Iterator[None]:
    """Watch what is called inside, and refuse batch statistics and dropout before they happen.

    Examples
    --------
    >>> layer = nn.BatchNorm2d(1)
    >>> with batch_statistics_refused(layer):
    ...     layer(torch.zeros(2, 1, 2, 2))
    Traceback (most recent call last):
    dprior_lite.gates.network.InTrainMode: net is in train mode: its BatchNorm2d uses the ...
    """
    compiled = isinstance(net, torch.jit.ScriptModule) or hasattr(net, "_orig_mod")
    with ExitStack() as stack:
        if not compiled:
            hook = register_module_forward_pre_hook(lambda module, _: _refuse_part(module, name))
            stack.callback(hook.remove)
            stack.enter_context(_TrainModeWatch(name, dropout))
        yield
