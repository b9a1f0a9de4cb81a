"""What stands around a story and is no part of it: bylines, datelines, notices, widgets.

Only whole paragraphs are taken out, and only the dateline from the beginning of one, so that no
sentence of the story can be lost; where a paragraph may be either, it stays. The patterns are held
against `tests/cases/articles`, where each has its counter-examples.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import regex

_TOP = 8
"""Bylines and dates of publication stand within so many paragraphs of the top."""

_DATELINED = 4
_LONGEST = 1_000
"""Longer paragraphs, in characters, are never furniture."""


_PULLED = (30, 400)
"""Pull quotes have so many characters."""

_MOST_LOOKED_AT = 300
_LONGEST_NOTICE = 120


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The story alone, a paragraph a line with an empty line between.

    `update_notice` says that the publisher announced a change; the notice is not in the text.
    """

    text: str
    update_notice: bool = False


def without_furniture(text: str, headlines: Collection[str] = ()) -> Cleaned:
    """Return the paragraphs of `text` that are the story.

    Args:
        text: clean text, a paragraph a line.
        headlines: what the story is headed; where the text begins by repeating one, that goes too.
    """
    kept: list[str] = []
    notices: list[str] = []
    corrected = False
    heads = {head for line in headlines if (head := folded(line))}
    paragraphs = [line for line in text.split("\n") if line.strip()]
    for position, paragraph in enumerate(_without_pull_quotes(paragraphs)):
        short = len(paragraph) <= _LONGEST
        if short and _is_update_notice(paragraph):
            notices.append(paragraph)
        elif not (short and _is_furniture(paragraph, position, heads)):
            corrected = corrected or (short and _CORRECTION.fullmatch(paragraph) is not None)
            kept.append(_without_dateline(paragraph) if position < _DATELINED else paragraph)
    # A teaser may be one paragraph that begins with the notice and goes on with the story.
    left = kept or [paragraph for paragraph in notices if len(paragraph) > _LONGEST_NOTICE]
    return Cleaned("\n\n".join(left), bool(notices) or corrected)


def _is_furniture(paragraph: str, position: int, heads: Collection[str]) -> bool:
    """Whether a whole paragraph is no part of the story."""
    if position < _TOP and (_is_byline(paragraph) or folded(paragraph) in heads):
        return True
    return (
        _WIDGET.fullmatch(paragraph) is not None
        or _is_caption(paragraph)
        or _appeals(paragraph)
        or _credits_colleagues(paragraph)
    )


def _without_pull_quotes(paragraphs: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs but those that only repeat a part of another one in larger type.

    None of them stands last.
    """
    words = list(map(folded, paragraphs))
    story = "\0\0".join(["", *words, ""])
    room = _MOST_LOOKED_AT
    for paragraph, said in zip(paragraphs[:-1], words, strict=False):
        if room and said and _PULLED[0] <= len(paragraph) <= _PULLED[1]:
            room -= 1
            if story.count(said) > story.count(f"\0{said}\0"):
                continue
        yield paragraph
    yield from paragraphs[-1:]


def folded(text: str) -> str:
    """Return the letters and digits of a text alone, to compare it with another."""
    return _NO_WORD.sub("", text.casefold())


_NO_WORD = re.compile(r"\W+")  # of the standard library, which is quicker here


# --- notices ----------------------------------------------------------------------------------

_WORK = r"(?:story|article|report|post|piece|page|column|blog|live ?blog|item|file)"
_SAID = regex.compile(r"\b(?:said|says|told|according)\b")
_UPDATE_NOTICE = regex.compile(
    rf"""(?:\W*(?:(?:updated?|correction|clarification|editor[’']?s?['’]?\snote|note)\b[^.\n]{{0,12}}.{{0,30}}?:\s+)?
    (?:this|the)\s(?:\w+\s){{0,2}}?{_WORK}
    \s(?:has\sbeen|was|is\sbeing|has\ssince\sbeen)
    \s(?:(?:last|first|originally|most\srecently)\s(?:published\b.{{0,60}}\band\s(?:was\s)?)?)?
    (?:updated|corrected|amended|revised)
    (?=\s*[.)\]]|\s*$|\s(?:at|on|with|to|from|since|following|after|throughout|again|by\sadding
    |(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|August
    |September|October|November|December|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\b|[\d(]))
    |(?P<own>\W*)(?:(?:corrections?|clarification|editor[’']?s?['’]?\snote|note|update|anmerkung\sder\sredaktion|hinweis
      |note\sde\sla\srédaction|nota\sdel\seditor)\W{{1,3}})?(?:
      (?:an?|in\san)\s(?:earlier|previous|original)\s(?:version|edition|headline)\sof\sthis\s(?:\w+\s)?{_WORK}
      |this\s(?:\w+\s)?(?:{_WORK}|version)\s(?:corrects|updates|clarifies|has\sbeen\srepublished)\b
      |\((?:adds|updates|recasts|corrects|refiles|rewrites|clarifies)\b[^()]*\)\W*$
      |(?:this\s(?:is\sthe|is\san)\s(?:updated|corrected)\sversion)
      |(?:dieser|der)\s(?:artikel|beitrag|text)\swurde\b.{{0,40}}\b(?:aktualisiert|korrigiert|ergänzt|überarbeitet)
      |in\seiner\s(?:früheren|vorherigen|ersten|ursprünglichen)\s(?:version|fassung)\b
      |cet\sarticle\sa\sété\s(?:mis\sà\sjour|corrigé|modifié|actualisé)
      |une\s(?:première|précédente)\sversion\sde\scet\sarticle
      |est[ae]\s(?:artículo|noticia|nota)\s(?:ha\ssido|fue)\s(?:actualizad|corregid|modificad)[ao]
      |статья\s(?:была\s)?(?:обновлена|исправлена)|(?:текст|материал)\s(?:был\s)?(?:обновлён|обновлен|исправлен)
    )).*""",
    regex.I | regex.X | regex.S,
)
# It tells something, so it stays; that it was put there says that the story was changed.
_CORRECTION = regex.compile(
    r"""\W*(?:corrections?|clarifications?|correction\sand\sclarification|corrections\s&\sclarifications
    |(?:update|updated)(?:\s?\d|\s?[(\[]|\s(?:at\s)?\d)[^:]{0,40}|korrektur|berichtigung|richtigstellung|rectificatif
    |correctif|corrección|fe\sde\serrores)\s?:\s.+""",
    regex.I | regex.X | regex.S,
)


def _is_update_notice(paragraph: str) -> bool:
    """Whether the paragraph only says that the story was changed."""
    found = _UPDATE_NOTICE.fullmatch(paragraph)
    return found is not None and (found["own"] is not None or not _SAID.search(paragraph))


# --- people -----------------------------------------------------------------------------------

_CREDIT = regex.compile(
    rf"""[\W_]*(?:
      .{{3,300}}\bcontributed(?:\s(?:additional\s)?reporting)?
        (?:\s(?:to|for)\s(?:this|the)\s(?:\w+\s)?(?:{_WORK}|analysis|project|investigation|coverage|reporting))
        (?:\s(?:from|in)\s[^.]{{2,60}})?
      |.{{3,300}}\bcontributed\s(?:additional\s)?reporting(?:\s(?:from|in)\s[^.]{{2,60}})?
      |(?:additional\s)?(?:reporting|writing|editing|compiled|translated|research)\s
        (?:and\s\w+\s)?(?:by:?|from)\s.{{2,300}}
      |(?:redaktion|faktencheck|mitarbeit|recherche|bearbeitung|redigatur|lektorat|producers?|editors?|design|graphics?
        |grafik|illustrations?|photography|fotos?|schnitt|kamera|übersetzung|translation):\s.{{3,200}}
    )[.)\]\s]*""",
    regex.I | regex.X,
)
_BYLINE = regex.compile(
    r"(?:(?:By|BY|by):?|(?:Von|Par|Por|Di|Door|Text|Words|Author|Autor(?:in|en)?(?:/Autor)?|Story\sby):?|"
    r"(?:Written|Reported|Reviewed)\sby:?)\s(?P<names>.{3,120})"
)
_POSTED = regex.compile(
    r"""\W*(?:(?:last|first|zuletzt)\s)?(?:updated|published|posted|modified|created|aktualisiert|veröffentlicht
    |publié|mis\sà\sjour|actualizado|publicado|pubblicato|aggiornato|stand)\b(?:\s(?:on|at|am|um|le|el|il))?:?\s*
    (?:(?:\d[\d:/.,-]*(?:st|nd|rd|th)?|[ap]\.?m\.?|\p{L}{3,9}day|at|on|of|hours?|minutes?|days?|ago|um|uhr|le|à|de|el
    |januar|februar|märz|mai|juni|juli|oktober|dezember|janvier|février|mars|avril|juin|juillet|août|septembre
    |octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre
    |January|February|March|April|May|June|July|August|September|October|November|December
    |(?:Mon|Tues?|Wed|Thu(?:rs)?|Fri|Sat|Sun|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?
    |(?-i:[A-Z]{2,4})|[-–—|•·,])(?:[\s,]+|$))+
    |\W*\d{1,2}[\s-]min(?:ute)?s?\sread\W*|\W*\d{1,2}\sminuten?\slesezeit\W*|\W*lesezeit:?\s\d{1,2}\smin.{0,8}
    |\W*temps\sde\slecture.{0,20}|\W*\d{1,2}\smin\sde\slectura\W*""",
    regex.I | regex.X,
)
_NAME_OR_LINK = regex.compile(
    r"(?:\p{Ll}{1,3}[-’'])?[\p{Lu}\p{Lt}@][\p{L}\p{M}’'.@-]*|(?:and|und|et|y|e|of|for|the|in|at|with|from|de|del|della|di|da|la"
    r"|le|van|von|der|den|bin|bint|ibn|al|el|ben|ter|dos|du|y|special|to|staff|writers?|reporters?"
    r"|correspondents?|editor|senior|national|political|contributors?|columnist|news|&|[-–—|/•·]+)"
)


def _is_byline(paragraph: str) -> bool:
    """Whether the paragraph names the authors, or says when it was published."""
    if _POSTED.fullmatch(paragraph):
        return True
    found = _BYLINE.fullmatch(paragraph)
    return found is not None and _only_names(found.group("names"))


def _credits_colleagues(paragraph: str) -> bool:
    """Whether the paragraph only says who else worked on the story."""
    return _CREDIT.fullmatch(paragraph) is not None and _names_somebody(paragraph)


def _names_somebody(paragraph: str) -> bool:
    """Whether most words of the paragraph are names, beside the words that credits are made of."""
    words = regex.findall(r"[\p{L}@][\p{L}\p{M}’'.-]*", paragraph)
    others = [
        word for word in words if word[0].islower() and word not in _CREDIT_WORDS
    ]  # fmt: skip
    return len(others) * 5 <= len(words) and any(word[0].isupper() for word in words[:6])


_CREDIT_WORDS = frozenset(
    (
        "and", "in", "of", "to", "the", "this", "for", "from", "with", "by", "at", "also", "who",
        "additional", "reporting", "writing", "editing", "contributed", "report", "story",
        "article", "post", "piece", "analysis", "investigation", "project", "writer", "writers",
        "reporter", "reporters", "staff", "correspondent", "correspondents", "compiled",
        "translated", "research", "producer", "producers", "team", "colleague", "colleagues",
        "his", "her", "their", "agency", "agencies", "reports", "wire", "wires", "service",
        "services", "und", "von", "mit", "et", "par",
    )
)  # fmt: skip


def _only_names(names: str) -> bool:
    """Whether all words are names or what stands between names, and at least one is a name."""
    words = regex.split(r"[\s,;:]+", names.strip(" ,;:."))
    return (
        2 <= len(words) <= 14
        and any(word[:1].isupper() for word in words)
        and all(_NAME_OR_LINK.fullmatch(word) for word in words)
    )


# --- widgets ----------------------------------------------------------------------------------

_WIDGET = regex.compile(
    r"""[\W_]*(?:
      (?:story|article)\scontinue[sd]\s?below(?:\s(?:the\s)?(?:this\s)?advertisement)?
      |advertisements?|advert|sponsored(?:\scontent)?|promoted\scontent|anzeige|publicité|publicidad|реклама
      |(?:read|see|view|show|load)\s(?:more|also|next)|more\s(?:stories|from|on)\b.{0,60}
      |(?:read|read\smore|read\salso|also\sread|see\salso|see\smore|watch|watch\slive|watch\snow|more|related
        |related\s(?:stories|articles?|coverage|content|links?)|recommended|listen|live\supdates|photos|video
        |lesen\ssie\sauch|mehr\szum\sthema|lire\s(?:aussi|également)|à\slire\saussi|voir\saussi
        |lea\stambién|lee\stambién|leia\stambém|leggi\sanche|lees\sook|читайте\sтакже)
        \s?:(?!.*\.[”"’')]*\s*$).{0,200}
      |(?:sign\sup|subscribe|register)\b.{0,200}\b(?:newsletters?|inbox|e-?mails?|briefings?|alerts|updates|free)\b.{0,80}
      |get\s.{0,120}\b(?:in|to|straight\sto|delivered\sto)\syour\s(?:inbox|e-?mail|phone)\b.{0,80}
      |.{0,200}\bby\ssigning\sup,?\s(?:you|i)\sagree\b.{0,400}
      |.{0,120}\bin\syour\sinbox\b.{0,30}
      |(?:please\s)?(?:follow|like|join)\s.{0,120}\b(?:on|via)\s(?:twitter|facebook|instagram|x|threads|bluesky
        |youtube|linkedin|whatsapp|telegram|google\snews|tiktok)\b.{0,120}
      |follow\s@\w+.{0,120}
      |(?:please\s)?follow\s.{2,80}\son\s(?:twitter|facebook|instagram|x|threads|bluesky|google\snews|whatsapp)\b.{0,300}
      |(?:sign\sup|subscribe)\s(?:for|to)\s(?:our|the\slatest|breaking|daily|weekly|free|more|exclusive|unlimited)\b.{0,160}
      |for\smore\s(?:\w+\s){1,3}like\sthis\b.{0,120}
      |wait!\s.{0,400}|before\syou\sgo[,:!…].{0,300}
      |(?:please\s)?(?:make\sa|consider\s(?:making\s)?a)\s(?:\S+\s){0,2}(?:donation|contribution)\b.{0,200}
      |(?:become\sa|start\syour)\s(?:\S+\s){0,2}(?:member|subscriber|supporter|subscription|free\strial)\b.{0,160}
      |(?:already\sa\s(?:subscriber|member)|already\shave\san\saccount)\b.{0,80}
      |(?:log|sign)\sin\s(?:or|to)\s(?:create|register|sign|subscribe|continue|comment|read|your)\b.{0,120}
      |(?:you\smust\s(?:confirm\syour|be\slogged|log\sin)|please\slog\s?(?:in|out))\b.{0,160}
      |join\s(?:\S+\s){0,2}conversations?\b.{0,160}|be\sthe\sfirst\sto\scomment\W*
      |(?:do\syou\shave|got)\s(?:a\s(?:story|tip)|something\sto\s(?:tell|share)|information\sto\sshare)\b.{0,200}
      |most\s(?:read|popular|viewed|shared)(?:\sin\s.{2,40}|\snow)?|trending(?:\snow)?|recommended(?:\sfor\syou)?
      |(?:you\smay\salso\slike|more\son\sthis(?:\sstory)?|related\s(?:topics|tags|internet\slinks)|topics?|tags?)\W*
      |(?:lesen\ssie\sauch|lies\sauch|mehr\szum\sthema|ähnliche(?:\sartikel|\sthemen)?|auch\sinteressant|zum\sthema
        |à\slire\saussi|lire\saussi|lea\stambién|te\spuede\sinteresar|leggi\sanche|читайте\sтакже|نرشح\sلك|اقرأ\sأيضا)\W*
      |.{0,80}\b(?:\d{1,2}\s(?:wochen|monate?|tage)\s(?:\S+\s)?(?:kostenlos|gratis)|(?:jetzt|hier)\s(?:abonnieren|anmelden
        |kostenlos\stesten|registrieren))\b.{0,120}
      |(?:melden\ssie\ssich|abonnieren\ssie|jetzt\sanmelden|zum\snewsletter|hier\sgeht\ses\szum)\b.{0,160}
      |(?:recevez|inscrivez-vous|abonnez-vous|suscríbete|suscríbase|apúntate|iscriviti|подпишитесь|подписывайтесь)\b.{0,200}
      |our\sstandards:\s.{0,80}|[—–-]\s.{1,60}\(@\w{1,30}\)\s\w{3,9}\s\d{1,2},\s\d{4}
      |\(\p{Ll}{2,4}(?:/\p{L}{2,4}){0,3}\)
      |(?:click|tap)\s(?:here|through)\b.{0,120}
      |share\s(?:this|on|via)\b.{0,60}|(?:share|print|e-?mail|comments?|reply|retweet|copy\slink|bookmark)
      |(?:hide|show)\scaption.{0,200}|(?:play|watch)\s(?:the\s)?video
      |media\splayback\sis\s(?:un|not\s)supported\son\s(?:your|this)\sdevice
      |(?:please\s)?enable\sjavascript.{0,120}|skip\s(?:ad|advert|to\s\w+(?:\s\w+)?)|loading\W*
      |this\scontent\sis\simported\sfrom\b.{0,200}|view\sthis\spost\son\b.{0,60}
      |(?:photo|image|picture)\s(?:credit|source|copyright|caption)\b.{0,120}|getty\simages|image\s©.{0,60}
      |(?:©|\(c\)|copyright)\s(?:©\s)?(?:\p{Lu}[\w.-]*\s){0,3}(?:\d{4}\b.{0,400}|dpa\b.{0,80})|©[^.,]{2,60}
      |.{0,80}\ball\srights\sreserved\b.{0,200}
      |this\smaterial\smay\snot\sbe\spublished,\sbroadcast.{0,120}
      |the\spost\s.{1,250}\s(?:appeared\sfirst|first\sappeared)\son\s.{1,120}
      |(?:this\sis\sa\s)?(?:breaking|developing)\s(?:news?)?\s?(?:story|situation)?(?:\s?[-.,;:–—]+\s*|\s(?:and|that)\s)
        (?:(?:it|this)\s)?(?:(?:will|is\s(?:going\sto|being))\sbe\s?)?(?:updated?|more\sto\s(?:come|follow)|check\sback|please\s|refresh).{0,120}
      |this\sis\sa\s(?:breaking|developing)\s(?:news\s)?(?:story|situation)
      |(?:more|details)\sto\s(?:come|follow)|(?:please\s)?check\sback\s(?:for|here|later|soon)\b.{0,80}
      |(?:join|start)\s(?:the|our)\s(?:conversation|comment\w*\sforum|discussion)|view\scomments.{0,30}
      |(?:got|have)\sa\s(?:story|tip|news\stip)\b.{0,200}
      |(?:download|get)\s(?:the|our)\s(?:\S+\s){0,3}app\b.{0,80}
    )[\W_]*""",
    regex.I | regex.X,
)

# What asks for money says so anywhere in the paragraph, in the outlet's own voice.
_APPEAL = regex.compile(
    r"""\b(?:we|our\snewsroom)\s(?:depend|rely)s?\son\s(?:our\s|the\ssupport\sof\s)?(?:members|readers|supporters
        |donations|you)\b|\bsupport\s(?:our|independent)\s(?:journalism|reporting|newsroom|work)\b""",
    regex.I | regex.X,
)
_QUOTED = regex.compile(r"[\"“”„«»]")


def _appeals(paragraph: str) -> bool:
    """Whether the paragraph asks the reader for support; what is quoted or reported does not."""
    return (
        _APPEAL.search(paragraph) is not None
        and not _QUOTED.search(paragraph)
        and not _SAID.search(paragraph)
    )


# A caption ends in whose picture it is, without a full stop.
_CAPTION = regex.compile(
    r"""(?:^|[\s(\[|–—-])(?:Photos?|PHOTO|Fotos?|FOTO|Bild|Images?|Pictures?|Photograph|Illustration|Screenshot|Quelle
        |Photo\scredit|Image\scredit|Credit)(?:\sby)?\s?:\s?\p{Lu}[^!?:“”"]{1,70}$
    |[\s(\[|/](?:AP\sPhoto|Getty\sImages|Shutterstock|picture\salliance)(?:/[\p{L}\s.’-]{2,40})?[)\]]?$
    |\s(?:REUTERS|AFP|EPA|IMAGO|AP|dpa|PA)/\s?\p{Lu}[\p{L}\s.’-]{2,40}[)\]]?$
    |^(?:Facebook\sTwitter\sPinterest\b|(?:Enlarge\sthis\simage\W*)?(?:toggle|Hide|Show)\scaption\b|Enlarge\sthis\simage\b)""",
    regex.X,
)
_LONGEST_CAPTION = 500


def _is_caption(paragraph: str) -> bool:
    return (
        len(paragraph) <= _LONGEST_CAPTION
        and paragraph[-1] not in '.!?”"’'
        and _CAPTION.search(paragraph) is not None
    )


# --- datelines --------------------------------------------------------------------------------

_AGENCY = (
    r"(?:AP|Associated\sPress|The\sAssociated\sPress|Reuters|REUTERS|Thomson\sReuters\sFoundation|AFP|CNN\w*"
    r"|CNN\sBusiness|UPI|dpa|DPA|Xinhua|TASS|ANSA|EFE|PA|PA\sMedia|AA|Bloomberg|Fox\sNews|NBC\sNews"
    r"|CBS\sNews|CBS|ABC\sNews|WAFA|KUNA|SPA|IRNA|MNA|VOA|RFE/RL|BBC|CNBC|NPR|Interfax|Yonhap|Kyodo|PTI"
    r"|ANI|IANS|TNS|JTA|KNA|epd|APA|SDA|Belga|ANP|NTB|TT|Ritzau|Lusa|CNS|[A-Z]{2,5})"
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
)
_DATE = rf"(?:,?\s{_MONTH}\s\d{{1,2}}(?:,\s\d{{4}})?|,?\s\d{{1,2}}\s{_MONTH})?"
_PLACE = r"\p{Lu}[\p{L}’'.-]*(?:(?:,\s|/|\s(?:of\s|the\s|de\s|al-)?)\p{Lu}[\p{L}’'.-]*){0,5}"
_CITY = r"\p{Lu}{2}[\p{Lu}’'.-]+"
_BEGINS = r"(?=[\"“'‘«„\[]?[\p{Lu}\p{Lo}\d$€£¡¿])"
# Names in capitals that are no places though a dash may follow them.
_NO_CITY = (
    r"(?!(?:NATO|OPEC|UNESCO|UNICEF|UNRWA|UNHCR|INTERPOL|EUROPOL|FRONTEX|HAMAS|ISIS|ISIL|DAESH|ASEAN"
    r"|IAEA|WHO|IMF|NASA|FEMA)\b)"
)
_KNOWN_CITIES = (
    r"(?:NEW\s(?:YORK|DELHI|ORLEANS|HAVEN)(?:\sCITY)?|LOS\sANGELES|SAN\s(?:FRANCISCO|DIEGO|JUAN|JOSE|SALVADOR"
    r"|ANTONIO)|TEL\sAVIV|HONG\sKONG|UNITED\sNATIONS|ST\.?\s\p{Lu}+|MEXICO\sCITY|KUALA\sLUMPUR|RIO\sDE"
    r"\sJANEIRO|S[AÃ]O\sPAULO|ABU\sDHABI|CAPE\sTOWN|GAZA\sCITY|KHAN\sYOUNIS|DEIR\sAL-BALAH|ADDIS\sABABA"
    r"|WEST\sBANK|GAZA\sSTRIP|LAS\sVEGAS|SALT\sLAKE\sCITY|THE\sHAGUE|BUENOS\sAIRES|PORT[-\sAU]+\sPRINCE"
    r"|ROME|OSLO|KYIV|KIEV|LIMA|ADEN|BAKU|BONN|DOHA|GAZA|CAIRO|BERN|RIGA|GENEVA|PARIS|SEOUL|TOKYO)"
)
_DATELINE = regex.compile(
    rf"(?:{_PLACE}{_DATE}\s?)?[(\[]{_AGENCY}[)\]]\s?(?:[-–—]{{1,2}}\s?)?{_BEGINS}"
    rf"|{_PLACE},\s(?:{_MONTH}\s\d{{1,2}}|\d{{1,2}}\s{_MONTH})\.?\s/{_AGENCY}/\.?\s{_BEGINS}"
    rf"|{_NO_CITY}(?:{_CITY}\s?){{1,4}}(?:,\s\p{{Lu}}[\p{{L}}’'.]*(?:\s\p{{Lu}}[\p{{L}}’'.]*){{0,3}}{_DATE}"
    rf"|,\s{_MONTH}\s\d{{1,2}})\s?(?:[–—]|--?\s)\s?{_BEGINS}"
    rf"|{_NO_CITY}(?:{_KNOWN_CITIES}|\p{{Lu}}{{5,}}){_DATE}\s(?:[–—]|--?)\s{_BEGINS}(?!\p{{Lu}}{{2,}}\s\p{{Lu}}{{2,}})"
)


def _without_dateline(paragraph: str) -> str:
    """Take the place and the agency from the beginning of a paragraph."""
    return paragraph[found.end() :] if (found := _DATELINE.match(paragraph)) else paragraph
