"""Claims of page 03: what a denoiser computes, read from its Jacobian."""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Ci, Control, Rule

CLAIMS = (
    Claim(
        id="af-1",
        paper="1e-7 to 1e-6",
        says="locally linear: x̂ = J y; of a biased net J y misses by what the net answers to zero with its gates held",
        parts=(
            Rule(
                "free",
                "<",
                0.0001,
                "‖J y − x̂‖/‖x̂‖ at pixels, J y by rows, bias-free net, worst of sigma 10, 30, 100/255",
            ),
            Rule("held", "<", 0.0001, "‖(x̂ − J y) − response to zero with the gates of y‖/‖x̂‖, biased net"),
        ),
        control=(
            Control("biased", "free", "‖J y − x̂‖/‖x̂‖ of the biased net, smallest of the three levels", ">", 0.01),
            Control("elsewhere", "held", "the gates of another noisy picture, smallest of the three levels"),
        ),
    ),
    Claim(
        id="af-2",
        paper="1.000, .998 at sigma 10, 30",
        says=(
            "rows sum to one away from borders, in a network that is free not to: first filters not held at mean zero"
        ),
        amended="2026-11-30",
        parts=(
            Rule(
                "value",
                "<=",
                0.05,
                "mean row sum at pixels whose 7×7 mean is at least .1, sigma 10 and 30/255, minus 1, the farther one",
                absolute=True,
                ideal=0,
            ),
            Rule("dark", "reported", quantity="mean row sum at darker pixels, the one farthest from 1"),
        ),
        control=(Control("untrained", "value", "the same of an untrained network without skip connection"),),
    ),
    Claim(
        id="af-3",
        paper="",
        says="filters widen with noise",
        parts=(Rule("value", ">=", 1.5, "median √(Σw²ρ²/Σw²) of interior rows, at 100/255 over that at 10/255"),),
        control=(Control("same", "value", "the same ratio between two draws of noise at 10/255"),),
    ),
    Claim(
        id="af-4",
        paper=".97; .80; .05 (30×30 patch)",
        says="left and right leading vectors agree, few directions are kept",
        parts=(
            Rule("symmetry", ">=", 0.9, "mean abs(u·v) over the top Σs² singular vectors, sigma 100/255", ideal=1),
            Rule("dropped", ">=", 0.5, "fraction of singular values below .1 at 100/255", ideal=1),
            Rule("kept", "<", 0.1, "Σs²/d at 100/255", ideal=0),
        ),
        control=(
            Control("other", "symmetry", "mean abs(u·v) with the v of another picture", "<", 0.3),
            Control("identity_dropped", "dropped", "the fraction for the untrained net, near the identity"),
            Control("identity_kept", "kept", "Σs²/d of the untrained net"),
        ),
    ),
    Claim(
        id="af-5",
        paper="−1.14 over images",
        says="the effective dimension Σs² falls about as 1/sigma",
        parts=(
            Rule("slope", "in", (-1.5, -0.6), "slope of log mean Σs² against log sigma, 10 to 100/255, over pictures"),
            Rule(
                "rise",
                "<",
                0,
                "largest step of the mean log Σs² from one noise level to the next (monotone if below 0)",
            ),
        ),
        control=(
            Control("untrained_slope", "slope", "slope for an untrained net", ">", -0.6),
            Control("one_level", "rise", "the largest step between six draws at one level, 30/255"),
        ),
    ),
    Claim(
        id="af-6",
        paper="100 in 30: .957, 30 in 10: .980 (chance .35, .48)",
        says="subspaces are nested",
        parts=(
            Rule("high", ">=", 0.85, "mean projection of the subspace at 100/255 on that at 30/255", ideal=1),
            Rule("low", ">=", 0.85, "mean projection of the subspace at 30/255 on that at 10/255", ideal=1),
            Rule("chance_high", "reported", quantity="√(dim/d) of the subspace at 30/255"),
            Rule("chance_low", "reported", quantity="√(dim/d) of the subspace at 10/255"),
        ),
        control=(
            Control(
                "random_high", "high", "a random subspace of the same size at 30/255: projection − chance", "<=", 0.1
            ),
            Control(
                "random_low", "low", "a random subspace of the same size at 10/255: projection − chance", "<=", 0.1
            ),
        ),
    ),
    Claim(
        id="af-7",
        paper="",
        says="randomised estimates agree with the full Jacobian",
        parts=(
            Rule("dimension", "<=", 0.05, "relative difference of Σs² by random probes", absolute=True, ideal=0),
            Rule("trace", "<=", 0.05, "relative difference of tr J by random probes", absolute=True, ideal=0),
            Rule("top", "<=", 0.05, "largest relative difference of the top singular values", ideal=0),
        ),
        control=(
            Control("elsewhere_dimension", "dimension", "probes at another noise level, Σs²"),
            Control("elsewhere_trace", "trace", "probes at another noise level, tr J"),
            Control("no_round", "top", "random directions without iteration"),
        ),
        ci=Ci("fewer probes", factor=2),
    ),
    Claim(
        id="af-8",
        paper="",
        says="chunked vmap beats the row loop",
        parts=(
            Rule(
                "loop",
                ">=",
                1.15,
                "time of a loop over rows that keeps one forward graph, over ours, median of five pairs, on a CPU",
            ),
            Rule("naive", ">=", 2.5, "time of a loop with a forward pass a row, over ours"),
        ),
        control=(
            Control("itself", "loop", "ours over ours"),
            Control("itself_naive", "naive", "ours over ours"),
        ),
        ci=Ci("a timing", skip="timing"),
    ),
)
