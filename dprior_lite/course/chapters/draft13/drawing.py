"""The diagram of page 13: from a picture to the features of its middle, and back to other pictures."""

from __future__ import annotations

from dprior_lite.course.page.diagrams import Diagram

__all__ = ["from_picture_to_features"]

#: Blocks of the network, left edge, upper edge, width and height; the middle is the lowest.
_BLOCKS = ((118, 40, 16, 120), (150, 80, 22, 80), (188, 112, 30, 48), (224, 134, 64, 36))
_MIRROR = 512  # left and right edges of mirrored blocks add up to this
_CODE = (4, 52, 6, 3, 31, 3, 5, 44, 3, 8, 3, 22)  # heights of the bars: a few channels are on


def from_picture_to_features() -> Diagram:
    """Return the diagram of a U-shaped network whose middle maps are averaged to a vector of features.

    Examples
    --------
    >>> from_picture_to_features().record["width"]
    640
    """
    made = Diagram(
        640,
        330,
        "A noisy picture enters a network drawn as a U: three blocks that become shorter and wider, a middle block, and"
        " three blocks back to a denoised picture. Thin arrows connect blocks of equal height. From the middle an arrow"
        " goes down to four small maps, from these one to a row of twelve bars: four bars are high, the others low.",
        "Where the features come from. The network maps a noisy picture to a denoised one, and is trained for that"
        " alone. Each channel of the middle block is a map of 4 × 4 places. Its average over the map is one number."
        " These numbers, averaged over several draws of the noise, are the features φ. In this drawing four of twelve"
        " are large.",
    )
    made.box(14, 66, 68, 68, "y").text(48, 156, "noisy", "quiet").arrow((86, 100), (112, 100))
    for left, top, width, height in _BLOCKS[:-1]:
        right = _MIRROR - left - width
        made.box(left, top, width, height).box(right, top, width, height)
        made.arrow((left + width + 4, top + 12), (right - 4, top + 12), colour="quiet", dashed=True)
    left, top, width, height = _BLOCKS[-1]
    made.box(left, top, width, height, "middle", colour="blue")
    made.arrow((400, 100), (426, 100)).box(430, 66, 68, 68, "x̂").text(464, 156, "denoised", "quiet")

    made.arrow((256, 174), (256, 206), colour="blue")
    for k in range(4):
        made.box(178 + 42 * k, 210, 32, 32, colour="blue")
        for line in (1, 2, 3):
            made.curve([(178 + 42 * k, 210 + 8 * line), (210 + 42 * k, 210 + 8 * line)], "quiet")
            made.curve([(178 + 42 * k + 8 * line, 210), (178 + 42 * k + 8 * line, 242)], "quiet")
    made.text(366, 231, "maps of the channels", "blue", "start")
    made.arrow((256, 246), (256, 266), colour="orange").text(
        366, 262, "average over space and noise", "orange", "start"
    )
    for k, tall in enumerate(_CODE):
        made.box(186 + 12 * k, 322 - tall, 8, tall, colour="orange")
    return made.text(366, 310, "features φ, one number a channel", "orange", "start")
