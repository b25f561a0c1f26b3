"""Which colour means what? One calm theme: grey is context, blue is the finding, warm is trouble."""

from __future__ import annotations

from l2c.words import vocabulary

INK = "#0f172a"
TEXT = "#334155"
MUTED = "#64748b"
GREY = "#94a3b8"
PALE = "#cbd5e1"
GRID = "#e5eaf1"
ACCENT = "#1d4f8f"
ACCENT_PALE = "#c3d9ef"
WARM = "#c2410c"
WARM_PALE = "#fbd5bd"

# How long a path of the map takes, and what is waited before a box: darker as well as redder.
HEAT = ("#a3a9b5", "#e0ae69", "#dd8238", "#c2501b", "#8f1d14")
WARM_SHADES = ("#fdf6ee", "#fbe6cd", "#f8d3ab", "#f2b784", "#e99a63", "#de7f49")

# What goes, is new or changes in the process as it shall be: lines and letters, and the ground of a box.
GONE, NEW, OTHERWISE = "#b42318", "#15803d", "#1d4f8f"
GONE_PALE, NEW_PALE, SAME_PALE = "#fdeceb", "#e3f5e9", "#f4f6f9"

# From light to dark as a deal moves on, so that the order reads in grey as well; the map uses the same blues.
PHASES = ("#e6f0fa", "#cbdff2", "#a9c8e8", "#82afdb", "#5a93ca", "#3570b0", "#1a4580")
# For small dots on white, where the lightest blue would vanish: told apart by hue as well as by depth.
DOTS = ("#b6c3d4", "#93b7de", "#6ba1d8", "#3f82c9", "#1d64b4", "#13407a", "#0b1f3f")


def phases() -> dict[str, int]:
    """Number the phases of the process from 0, in their order."""
    return {phase.id: number for number, phase in enumerate(vocabulary.phases())}


def phase_of(activity: str) -> int | None:
    """Return the number of the phase an activity belongs to; None for one the vocabulary does not know."""
    return phases().get(vocabulary.phase_of(activity) or "")


def phase_colour(phase: int | None) -> str:
    """Return the blue of a phase; grey for an activity of no known phase."""
    if phase is None:
        return "#e2e8f0"
    return PHASES[round(phase * (len(PHASES) - 1) / max(1, len(phases()) - 1))]


def ink_on(colour: str) -> str:
    """Return the text colour that can be read on a background."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 125 else INK
