"""What folding knows of English: abbreviations, and plurals that follow no rule."""

from __future__ import annotations

from typing import Final

_ABBREVIATED = """
    mr mrs ms dr prof rev hon st sen rep gov gen lt col maj capt cmdr cpl sgt adm amb pres sec supt
    det insp jr sr no vs etc jan feb mar apr jun jul aug sep sept oct nov dec inc corp co ltd dept
    univ assn bros messrs mme mlle sra dra ft mt sens reps govs gens drs profs fr br
"""
ABBREVIATIONS: Final = frozenset(_ABBREVIATED.split())
"""Words whose full stop does not end a sentence."""

_PAIRS = """
    men man, women woman, children child, crises crisis, feet foot, wives wife, lives life,
    knives knife, leaves leaf, thieves thief, halves half, analyses analysis,
    hypotheses hypothesis, militiamen militiaman, congressmen congressman, policemen policeman,
    gunmen gunman, spokesmen spokesman, servicemen serviceman, businessmen businessman,
    lawmen lawman, chairmen chairman, fishermen fisherman
"""
# Nouns in -i, whose plural looks like a singular in -is.
_IN_I = """
    israeli iraqi pakistani saudi bangladeshi kuwaiti omani qatari yemeni emirati bahraini somali
    azeri azerbaijani kashmiri nepali houthi nazi taxi alibi ski sunni afghani punjabi gujarati
    bengali uzbekistani tajikistani kazakhstani semi bikini safari salafi wahhabi yazidi farsi
    guru menu zulu emu flu haiku tutu gnu
"""
_SAME = """
    news series species always perhaps does goes this its was has yes less thus plus gas bias chaos
    atlas lens mars hamas texas kansas arkansas wales cyprus james charles philippines netherlands
    sanders whereas besides afterwards
"""

SINGULARS: Final = (
    dict(pair.split() for pair in _PAIRS.replace("\n", " ").split(","))
    | {word: word for word in _SAME.split()}
    | {f"{word}s": word for word in _IN_I.split()}
)
"""Folded words to their singulars, where these follow no rule or the word is no plural."""
