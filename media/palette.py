"""The colours of the stems, 0..1, wherever they are told apart: those of the canvas (web/phonofilm.css), OKLCH hues 65, 265, 150 and 205."""

STEMS = {"dialogue": (0.93, 0.65, 0.38), "music": (0.57, 0.71, 1.0), "effects": (0.49, 0.8, 0.56), "ambience": (0.23, 0.8, 0.86)}
