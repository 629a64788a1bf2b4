"""The looks of one's own: colours become a few lines before the stylesheet, so that no page needs inline style."""

from collections.abc import Iterator

from watchword.config import PagesConfig

BLACK, WHITE = "#000000", "#ffffff"


def theme_css(config: PagesConfig) -> str:
    """Return the variables of these settings as CSS; empty where the looks are as they come."""
    lines = "".join(_variables(config))
    return f":root {{\n{lines}}}\n" if lines else ""


def _variables(config: PagesConfig) -> Iterator[str]:
    dark = config.colour_dark or config.colour
    for name, colour in (("brand", config.colour), ("brand-dark", dark)):
        if colour:
            yield f"  --{name}: {colour};\n  --{name}-text: {text_on(colour)};\n"


def text_on(colour: str) -> str:
    """Return black or white, whichever has more contrast on `#rrggbb`: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    light = luminance(colour)
    return BLACK if (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) else WHITE


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, from 0 to 1 (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  as WCAG has it
