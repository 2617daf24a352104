"""How likely a text is, were it written in one encoding or another: coarse shares of characters, and their neighbours.

Shares fall with the rank among the frequent characters (Zipf); the others are as likely as their group: GB 2312, Big5
and JIS X 0208 put the common Chinese characters into their first level. Probabilities are natural logarithms.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache

LOCAL = {
    "zh-tw": ("big5hkscs",),
    "zh-hk": ("big5hkscs",),
    "zh-hant": ("big5hkscs",),
    "zh": ("gb18030",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "ru": ("cp1251", "koi8_r"),
    "uk": ("cp1251",),
    "bg": ("cp1251",),
    "el": ("cp1253",),
    "tr": ("cp1254",),
    "pl": ("cp1250",),
    "cs": ("cp1250",),
    "sk": ("cp1250",),
    "hu": ("cp1250",),
    "sl": ("cp1250",),
    "hr": ("cp1250",),
    "ro": ("cp1250",),
}
"""What programs of a country save in where they do not save UTF-8."""
LEGACY = {
    "cp1252": 0.0,
    "gb18030": 0.0,
    "cp932": -0.5,
    "big5hkscs": -1.0,
    "cp949": -0.5,
    "euc_jp": -3.0,
    "cp1251": -2.0,
    "cp1250": -3.0,
    "cp1253": -3.0,
    "cp1254": -6.0,
    "koi8_r": -4.0,
    "mac_roman": -6.0,
    "cp850": -6.0,
}
"""Encodings tried where it is not UTF-8, and how much less common each is."""
SAMPLE = 4000
_AT_HOME = 6.0
_WIDE = ("gb18030", "cp932", "big5hkscs", "cp949", "euc_jp")
_WESTERN = "éäüößèáàóçñíêåøæúâôîëïãûõìòù°€’³²µ“”–£«»§"
_ALPHABETS = {
    "cp1250": "áéíóäöüßčšžýřěąłęśćżőńâîůúťďňűăźșşțđ°€²",
    "cp1251": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфіїє№°",
    "koi8_r": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф°",
    "cp1253": "αοιεστηνρπκυμλίάόέγδήωβχθφύςώξζψ°€",
    "cp1254": "ıiüşöğçâî°€²",
}
"""Letters and signs that are not ASCII, the frequent first; cp1252 and its like: `_WESTERN`."""
_COMMON = {
    "gb18030": (
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而"
        "方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好"
        "应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向"
        "道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特"
        "件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队"
        "南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风"
        "切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许"
        "步群值价格称编号序标签姓湿降雨星负责码男女太阳黑李王赵钱孙周"
    ),
    "cp932": "日付値年月時分秒気温湿度数量単価売上名前番号合計平均最大小高低円人男女区類都道府県市町村東京阪本文",
    "big5hkscs": (
        "的一是不了人我在有他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她里後小麼"
        "心多天而能好都然沒日於起還發成事只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現"
        "分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部正名定女問力機給等幾很業最間新什打便位"
        "因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市眼體別處總才場師"
        "書比住員九笑性通目華報立馬命張活難神數件安表原車白應路期叫死常提感金何更反合放做系計溫濕度值價格量編號類"
        "標籤姓據單"
    ),
    "cp949": (
        "이다는에가의을하고지로일수시기사도한리간값량격매출액날짜름번호온습서나자은년월인대정아를부스제과전라벨보"
        "장그해주구있원조상비용생들유"
    ),
}
"""Frequent characters, the frequent first, and those that head columns."""
_LETTERS = re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[^\s,;|\"\x27]+")
_GROUPS = {
    "gb18030": (("HIRAGANA", 1e-5), ("KATAKANA", 1e-5), ("HANGUL", 1e-9), ("FULLWIDTH", 1e-3), ("HALFWIDTH", 1e-8)),
    "big5hkscs": (("HIRAGANA", 1e-5), ("KATAKANA", 1e-5), ("BOPOMOFO", 1e-5), ("FULLWIDTH", 1e-3), ("CYRILLIC", 1e-6)),
    "cp949": (("HANGUL", 0.3 / 2350), ("HIRAGANA", 1e-5), ("KATAKANA", 1e-5), ("FULLWIDTH", 1e-4), ("CJK", 3e-6)),
    "cp932": (("HIRAGANA", 0.3 / 80), ("KATAKANA", 0.3 / 80), ("HALFWIDTH", 1e-3), ("FULLWIDTH", 1e-3)),
    "euc_jp": (("HIRAGANA", 0.3 / 80), ("KATAKANA", 0.3 / 80), ("HALFWIDTH", 1e-5), ("FULLWIDTH", 1e-3)),
}
_FIRST_LEVEL = {"gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6)} | dict.fromkeys(
    ("cp932", "euc_jp"), ("euc_jp", 0xB0, 0xCF)
)
"""The lead bytes of a standard's common characters."""


def usual(encoding: str, locale: str) -> float:
    """How common an encoding is where a language is spoken, as a natural logarithm."""
    tag = locale.lower().replace("_", "-")
    at_home = next((names for start, names in LOCAL.items() if tag.startswith(start)), ())
    return LEGACY[encoding] + (_AT_HOME - at_home.index(encoding) if encoding in at_home else 0.0)


def likelihood(text: str, encoding: str) -> float:
    """How likely people write the words of a text that are not ASCII, each word counted once: tables repeat theirs."""
    words = dict.fromkeys(_WORD.findall(text[:SAMPLE]))
    return sum(_of_word(word, encoding) for word in words if not word.isascii())


def _of_word(word: str, encoding: str) -> float:
    wide = encoding in _WIDE
    around = f" {word} "
    return sum(
        math.log(_share(here, encoding)) + _beside(before, here, after, wide)
        for before, here, after in zip(around, around[1:], around[2:], strict=False)
        if not here.isascii()
    )


def _beside(before: str, character: str, after: str, wide: bool) -> float:
    """The part of neighbours: Western letters stand among ASCII letters, others rather among their own kind."""
    if wide:
        return -3.0 * bool(_LETTERS.match(before)) - 3.0 * bool(_LETTERS.match(after))
    if not character.isalpha():
        return -4.0 * bool(before.isalpha() and after.isalpha())
    latin = "LATIN" in unicodedata.name(character, "")
    # A foreign letter that touches a digit is rather the sign of a currency or unit, misread.
    cost = -4.0 * bool(before.isdigit() or after.isdigit())
    if latin and not before.isascii() and before.isalpha():
        cost -= 2.5
    if not latin:
        cost -= 5.0 * bool(_LETTERS.match(before)) + 5.0 * bool(_LETTERS.match(after))
    if character.isupper() and before.isalpha():
        cost -= 0.5 if before.isupper() else 4.0
    elif character.islower() and not before.isalpha():
        cost -= 1.0
    return cost


def _share(character: str, encoding: str) -> float:
    """How often a character stands among the non-ASCII ones of a text in an encoding: coarse, and of one order."""
    frequent = _frequent(encoding).get(character.lower() if encoding not in _WIDE else character)
    if frequent is not None:
        return frequent
    name = unicodedata.name(character, "")
    if encoding not in _WIDE:
        return 0.002 if character.isalpha() else 0.0005 if name else 1e-7
    for start, share in _GROUPS.get(encoding, ()):
        if name.startswith(start):
            return share
    return _ideograph(character, encoding)


def _ideograph(character: str, encoding: str) -> float:
    """A Chinese character or sign by its level: the first holds the common ones."""
    if "\ue000" <= character <= "\uf8ff" or encoding not in _FIRST_LEVEL:
        return 1e-7
    standard, first, last = _FIRST_LEVEL[encoding]
    try:
        lead = character.encode(standard)[0]
    except UnicodeEncodeError:
        return 1e-7
    if first <= lead <= last:
        return 0.3 / 3500
    return 5e-4 if lead < first else 1e-5


@cache
def _frequent(encoding: str) -> dict[str, float]:
    """Shares of the frequent characters: most of the text, falling with the rank (Zipf)."""
    ordered = dict.fromkeys(
        _COMMON.get("cp932" if encoding == "euc_jp" else encoding) or _ALPHABETS.get(encoding, _WESTERN)
    )
    weights = [1 / (rank + 5) for rank in range(len(ordered))]
    return {c: (0.6 if encoding in _WIDE else 0.9) * w / sum(weights) for c, w in zip(ordered, weights, strict=True)}
