"""Claims of page 03: what a denoiser computes, read from its Jacobian."""

from __future__ import annotations

from dprior_lite.course.claims.rules import Ci, Claim, Rule

_SMALLER = "smaller patches, fewer of them"

CLAIMS = (
    Claim(
        id="af-1",
        paper="1e-7 to 1e-6",
        says="locally linear: x̂ = J y; of a biased net J y misses by what the net answers to zero with its gates held",
        parts=(
            Rule(
                "free",
                "<",
                1e-4,
                "‖J y − x̂‖/‖x̂‖ at pixels, J y by rows, bias-free net, worst of sigma 10, 30, 100/255",
            ),
            Rule("held", "<", 1e-4, "‖(x̂ − J y) − response to zero with the gates of y‖/‖x̂‖, biased net"),
        ),
        control=(
            Rule("biased", ">", 1e-2, "‖J y − x̂‖/‖x̂‖ of the biased net, smallest of the three levels", breaks="free"),
            Rule(
                "elsewhere",
                ">",
                1e-4,
                "the gates of another noisy picture, smallest of the three levels",
                breaks="held",
            ),
        ),
    ),
    Claim(
        id="af-2",
        paper="1.000, .998 at sigma 10, 30",
        says="rows sum to one away from borders",
        parts=(
            Rule("value", "<=", 0.05, "mean row sum at sigma 10 and 30/255, minus 1, the farther one", absolute=True),
        ),
        control=(
            Rule(
                "untrained",
                ">",
                0.05,
                "the same of an untrained network without skip connection",
                absolute=True,
                breaks="value",
            ),
        ),
        ci=Ci(_SMALLER, factor=2),
    ),
    Claim(
        id="af-3",
        paper="",
        says="filters widen with noise",
        parts=(Rule("value", ">=", 1.5, "median √(Σw²ρ²/Σw²) of interior rows, at 100/255 over that at 10/255"),),
        control=(Rule("same", "<", 1.5, "the same ratio between two draws of noise at 10/255", breaks="value"),),
    ),
    Claim(
        id="af-4",
        paper=".97; .80; .05 (30×30 patch)",
        says="left and right leading vectors agree, few directions are kept",
        parts=(
            Rule("symmetry", ">=", 0.9, "mean abs(u·v) over the top Σs² singular vectors, sigma 100/255"),
            Rule("dropped", ">=", 0.5, "fraction of singular values below .1 at 100/255"),
            Rule("kept", "<", 0.1, "Σs²/d at 100/255"),
        ),
        control=(
            Rule("other", "<", 0.3, "mean abs(u·v) with the v of another picture", breaks="symmetry"),
            Rule(
                "identity_dropped", "<", 0.5, "the fraction for the untrained net, near the identity", breaks="dropped"
            ),
            Rule("identity_kept", ">=", 0.1, "Σs²/d of the untrained net", breaks="kept"),
        ),
        ci=Ci(_SMALLER, factor=1.5),
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
            Rule("untrained_slope", ">", -0.6, "slope for an untrained net", breaks="slope"),
            Rule("one_level", ">=", 0, "the largest step between six draws at one level, 30/255", breaks="rise"),
        ),
    ),
    Claim(
        id="af-6",
        paper="100 in 30: .957, 30 in 10: .980 (chance .35, .48)",
        says="subspaces are nested",
        parts=(
            Rule("high", ">=", 0.85, "mean projection of the subspace at 100/255 on that at 30/255"),
            Rule("low", ">=", 0.85, "mean projection of the subspace at 30/255 on that at 10/255"),
            Rule("chance_high", "reported", None, "√(dim/d) of the subspace at 30/255"),
            Rule("chance_low", "reported", None, "√(dim/d) of the subspace at 10/255"),
        ),
        control=(
            Rule(
                "random_high",
                "<=",
                0.1,
                "a random subspace of the same size at 30/255: projection − chance",
                breaks="high",
            ),
            Rule(
                "random_low",
                "<=",
                0.1,
                "a random subspace of the same size at 10/255: projection − chance",
                breaks="low",
            ),
        ),
        ci=Ci(_SMALLER, factor=1.5, parts=("high", "low")),
    ),
    Claim(
        id="af-7",
        paper="",
        says="randomised estimates agree with the full Jacobian",
        parts=(
            Rule("dimension", "<=", 0.05, "relative difference of Σs² by random probes", absolute=True),
            Rule("trace", "<=", 0.05, "relative difference of tr J by random probes", absolute=True),
            Rule("top", "<=", 0.05, "largest relative difference of the top singular values"),
        ),
        control=(
            Rule(
                "elsewhere_dimension",
                ">",
                0.05,
                "probes at another noise level, Σs²",
                absolute=True,
                breaks="dimension",
            ),
            Rule("elsewhere_trace", ">", 0.05, "probes at another noise level, tr J", absolute=True, breaks="trace"),
            Rule("no_round", ">", 0.05, "random directions without iteration", breaks="top"),
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
            Rule("itself", "<", 1.15, "ours over ours", breaks="loop"),
            Rule("itself_naive", "<", 2.5, "ours over ours", breaks="naive"),
        ),
        ci=Ci("a timing", skip="timing"),
    ),
)
