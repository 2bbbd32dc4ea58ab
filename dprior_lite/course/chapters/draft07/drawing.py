"""The diagram of page 07: the cascade as a tree, and which network stands for each of its leaves."""

from __future__ import annotations

from dprior_lite.course.page.diagrams import Diagram

__all__ = ["cascade_tree"]


def cascade_tree() -> Diagram:
    """Return the diagram of a cascade of two scales, with its networks and their inputs.

    Examples
    --------
    >>> cascade_tree().record["width"]
    660
    """
    made = Diagram(
        660,
        316,
        "A tree. At the left the picture, 64 by 64 pixels. It splits into a low-pass picture of 32 by 32 and three"
        " detail pictures of 32 by 32. The low-pass picture splits again into one of 16 by 16 and three details of 16"
        " by 16. At the right three networks, one for each group of leaves. The one for the low-pass picture of 16 by"
        " 16 sees all of it. Those for the details see a window of 9 by 9, and arrows show that they are also given"
        " the low-pass picture of their scale.",
        "The cascade of two scales as a tree. Each step halves the sides: four times fewer pixels in the low-pass"
        " picture, and three pictures of details beside it. Three networks stand for the leaves. Only the smallest"
        " picture has one that sees everything.",
    )
    # the tree
    made.box(10, 104, 96, 96, "x\n64 × 64")
    made.arrow((110, 128), (170, 74), colour="orange").arrow((110, 172), (170, 196), colour="blue")
    made.box(176, 30, 76, 56, "D₁\n3 × 32²", "orange")
    made.box(176, 176, 76, 56, "x₁\n32 × 32", "blue")
    made.arrow((256, 190), (314, 168), colour="orange").arrow((256, 216), (314, 262), colour="blue")
    made.box(320, 136, 76, 52, "D₂\n3 × 16²", "orange")
    made.box(320, 244, 76, 52, "x₂\n16 × 16", "blue")
    # the networks
    made.box(474, 30, 176, 56, "network of D₁ given x₁\nwindow 9 × 9", "orange")
    made.box(474, 138, 176, 56, "network of D₂ given x₂\nwindow 9 × 9", "orange")
    made.box(474, 242, 176, 56, "network of x₂\nsees all of it", "blue")
    made.arrow((256, 50), (470, 50), colour="orange").arrow((400, 160), (470, 160), colour="orange")
    made.arrow((400, 270), (470, 270), colour="blue")
    made.arrow((256, 178), (470, 74), colour="blue", dashed=True).text(346, 124, "given", "blue")
    made.arrow((400, 248), (470, 184), colour="blue", dashed=True).text(416, 208, "given", "blue")
    return made
