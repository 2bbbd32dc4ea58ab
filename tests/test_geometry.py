"""Jacobians by independent routes; random probes against the exact numbers."""

import pytest
import torch

from dprior_lite import geometry
from dprior_lite.nets.bfcnn import BFCNN


@pytest.fixture(scope="module")
def net() -> BFCNN:
    torch.manual_seed(0)
    net = BFCNN(depth=4, width=8).eval()
    net.convs[-1].weight.data.mul_(10)
    return net


def test_rows_are_rows(net: BFCNN) -> None:
    """Against central differences of a map that is not symmetric: a transpose, or chunks in the wrong order, would show."""
    y = torch.randn(2, 1, 6, 5, dtype=torch.float64)
    f = net.double()
    step = 1e-6
    columns = [((f(y + step * e) - f(y - step * e)) / (2 * step)).detach().flatten(1) for e in torch.eye(30).double().reshape(30, 1, 6, 5)]
    reference = torch.stack(columns, dim=2)
    found = geometry.jacobian(f, y, chunk=7)
    net.float()
    assert torch.allclose(found, reference, atol=1e-5)
    assert not torch.allclose(found, reference.mT, atol=1e-2)


def test_euler_for_a_bias_free_net_and_not_for_its_twin(net: BFCNN) -> None:
    y = torch.randn(1, 1, 8, 8)
    twin = BFCNN(depth=4, width=8, bias=True).eval()
    for conv in twin.convs:
        if conv.bias is not None:
            torch.nn.init.normal_(conv.bias, std=0.3)
    with torch.no_grad():
        errors = [float((geometry.jacobian(f, y)[0] @ y.flatten() - f(y).flatten()).norm() / f(y).norm()) for f in (net, twin)]
    assert errors[0] < 1e-4 < 1e-2 < errors[1]


def test_probes_agree_with_the_full_jacobian(net: BFCNN) -> None:
    y = torch.randn(2, 1, 12, 12)
    full = geometry.jacobian(net, y).double()
    g = torch.Generator().manual_seed(0)
    trace, norm = (f(net, y, probes=400, generator=g) for f in (geometry.degrees_of_freedom, geometry.effective_dimension))
    assert torch.allclose(trace, full.diagonal(dim1=1, dim2=2).sum(1), rtol=0.03)
    assert torch.allclose(norm, full.square().sum((1, 2)), rtol=0.03)
    assert torch.allclose(geometry.effective_dimension(net, y), full.square().sum((1, 2)))
    assert torch.allclose(geometry.degrees_of_freedom(net, y), full.diagonal(dim1=1, dim2=2).sum(1))


def test_probes_need_a_generator(net: BFCNN) -> None:
    with pytest.raises(ValueError, match="generator=torch.Generator"):
        geometry.degrees_of_freedom(net, torch.zeros(1, 1, 4, 4), probes=2)
