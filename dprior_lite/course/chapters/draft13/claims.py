"""Claims of page 13: a sparse code in the middle of a denoiser, what it keeps of a picture, and what chance would give.

Where a claim is about one network, it is that of small photographs (gray CIFAR-10), the nearest to the paper's. The
page shows the same numbers for digits and ovals beside it. Features are those at noise .2 where nothing else is said.
"""

from __future__ import annotations

from dprior_lite.course.claims.claim import Claim
from dprior_lite.course.claims.rules import Control, Rule

CLAIMS = (
    Claim(
        id="se-1",
        paper="−.5 in the middle, encoders above 0, read off a slide; ImageNet",
        says="the middle block makes the code sparse",
        parts=(
            Rule(
                "value",
                "<",
                -0.15,
                "participation ratio of what leaves the middle minus that of what enters, median of 200 test"
                " photographs, noise .2, the largest of three draws",
            ),
            Rule("encoders", "reported", quantity="the same of the inner encoder blocks, the smaller of the two"),
        ),
        control=(
            Control(
                "untrained",
                "value",
                "the same for an untrained network, the smallest of three",
                ">",
                -0.1,
            ),
        ),
    ),
    Claim(
        id="se-2",
        paper="",
        says="the representation survives noise, in the middle more than elsewhere",
        parts=(
            Rule(
                "middle",
                ">",
                0.8,
                "correlation of the features of 200 test photographs at noise .1 and .4, the smallest of three draws",
                ideal=1,
            ),
            Rule("lead", ">", 0, "the same, minus that of the best other block"),
        ),
        control=(
            Control("untrained", "middle", "the first for an untrained network, the largest of three"),
            Control("untrained_lead", "lead", "the second for an untrained network, the largest of three"),
        ),
    ),
    Claim(
        id="se-3",
        paper="two types, in figures",
        says="there are two kinds of channels: always on, and rarely on",
        parts=(
            Rule(
                "common",
                ">=",
                0.1,
                "share of the channels of the middle that are on for over 80 % of 1000 test photographs, with an excess"
                " kurtosis below 2, the smallest of three draws",
            ),
            Rule(
                "specialised",
                ">=",
                0.1,
                "share of those that are on for less than 20 %, with an excess kurtosis above 10, the smallest",
            ),
        ),
        control=(
            Control("one_per_cluster", "common", "the first for a code with one channel a cluster, K = 40"),
            Control("untrained", "specialised", "the second for an untrained network, the largest of three"),
        ),
    ),
    Claim(
        id="se-4",
        paper="",
        says="pictures of one cluster share their leading channels",
        parts=(
            Rule(
                "ratio",
                ">",
                2,
                "common share of the 20 leading channels within clusters over that between them, channels that are"
                " always on left out, clusters and channels from different draws, 1000 test photographs, the smallest"
                " of K = 10, 20, 40 and three draws",
            ),
            Rule("excess", ">=", 1.3, "the same over that of a Gaussian surrogate, the smallest"),
        ),
        control=(
            Control("shuffled", "ratio", "the first with the clusters of the pictures shuffled, the largest"),
            Control("untrained", "excess", "the second for an untrained network, K = 20, the largest of three"),
        ),
    ),
    Claim(
        id="se-5",
        paper="",
        says="pictures that are near in the features belong together more often than chance makes them",
        parts=(
            Rule(
                "over_untrained",
                ">",
                5,
                "share of the 5 nearest neighbours with the class of a picture, features minus untrained features, in"
                " points of 100, the smaller of ovals and photographs, the smallest of three draws",
            ),
            Rule("over_pixels", ">=", 0, "features minus pixels, the smaller of ovals and photographs"),
            Rule("over_pca", "reported", quantity="features minus 64 principal coordinates, the smaller of the two"),
        ),
        control=(
            Control(
                "untrained_twice", "over_untrained", "another untrained network minus the untrained one, the largest"
            ),
            Control("digits", "over_pixels", "features minus pixels, digits, the largest of three draws"),
        ),
    ),
    Claim(
        id="se-6",
        paper="2 to above 4 for clusters, about 1 for labels, read off a slide",
        says="clusters are there that nobody labelled",
        parts=(
            Rule(
                "ratio",
                ">=",
                1.3,
                "median separation of k-means clusters of 1000 test photographs over that of a Gaussian surrogate with"
                " the mean and covariance of the features, centres from 2000 others, the smallest of K = 10, 20, 40"
                " and three draws",
            ),
            Rule("labels", "<", 1, "median separation of the ten classes over that of ten clusters, the largest"),
            Rule("clusters", "reported", quantity="median separation of twenty clusters, the smallest"),
        ),
        control=(
            Control("surrogate", "ratio", "a second surrogate over the first, the largest"),
            Control("clusters_as_labels", "labels", "clusters in place of the classes"),
        ),
    ),
    Claim(
        id="se-7",
        paper="side by side, in figures",
        says="a network guided by its own features draws other pictures with the same features",
        parts=(
            Rule(
                "features",
                "<",
                0.25,
                "distance of the features over that to 64 unrelated test pictures, mean of four samples of each of"
                " eight textures of ovals, the largest of three draws",
                ideal=0,
            ),
            Rule("pixels", ">", 0.4, "the same of the pixels, the smallest"),
            Rule(
                "distinct",
                ">=",
                2,
                "samples of one texture that are at least 0.4 of that distance apart, the fewest of all textures",
            ),
            Rule(
                "image",
                "<=",
                1.5,
                "what the network takes for noise in a sample over what it takes for noise in test pictures, mean, the"
                " largest",
            ),
            Rule("digits_features", "reported", quantity="the first for digits"),
            Rule("digits_pixels", "reported", quantity="the second for digits"),
        ),
        control=(
            Control("score_alone", "features", "the sampler without guidance, the smallest"),
            Control("denoised", "pixels", "the texture itself, denoised at noise .1"),
            Control("one_draw", "distinct", "four samples from one draw of noise"),
            Control("guidance_alone", "image", "the guidance without the denoiser, the smallest"),
        ),
    ),
    Claim(
        id="se-8",
        paper="asked for by a reviewer",
        says="it needs both moves: guidance alone draws no picture, the denoiser alone not these features",
        parts=(
            Rule(
                "guidance_alone",
                ">=",
                3,
                "what the network takes for noise in the result of guidance without the denoiser, over that in test"
                " textures of ovals, the smallest of three draws",
            ),
            Rule(
                "score_alone",
                ">=",
                0.7,
                "distance of the features over that to unrelated textures, sampler without guidance, the smallest",
            ),
        ),
        control=(
            Control("both_noise", "guidance_alone", "the first with both moves, the largest"),
            Control("both_features", "score_alone", "the second with both moves, the largest"),
        ),
    ),
    Claim(
        id="se-9",
        paper=".25, read off a slide",
        says="the code is sparser than rectified noise",
        parts=(
            Rule(
                "value",
                "<",
                0.32,
                "participation ratio of what leaves the middle, median of 200 test photographs, noise .2, the largest"
                " of three draws; 1/π of the ReLU of Gaussian noise",
            ),
            Rule("living", "reported", quantity="the same among the channels that are on for any of the pictures"),
        ),
        control=(Control("untrained", "value", "the same for an untrained network, the smallest of three"),),
    ),
)
