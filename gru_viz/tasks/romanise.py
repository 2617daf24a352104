"""Names of other scripts in Latin letters, as their bearers mostly spell them abroad.

Simplified official systems: Russian after the passport rules (ICAO 9303) with -ий and -ый as -y, Ukrainian after the
rules of 2010, Greek after ELOT 743, Armenian and Georgian after the national systems without apostrophes, Japanese
kana after Hepburn with long vowels written short (Sato, Ono). Used on training data only.
"""

from __future__ import annotations

import re
import unicodedata


def _table(pairs: str) -> dict[str, str]:
    """ "ж=zh ь=" → {"ж": "zh", "ь": ""}."""
    return dict(pair.split("=") for pair in pairs.split())


_CYRILLIC = _table(
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh "
    "щ=shch ъ= ы=y ь= э=e ю=yu я=ya ’= '= ʼ="
)
_RUSSIAN = _CYRILLIC | _table("й=y")
_UKRAINIAN = _CYRILLIC | _table("г=h ґ=g и=y і=i ї=i є=ie ю=iu я=ia")
_UKRAINIAN_INITIAL = _table("ї=yi є=ye й=y ю=yu я=ya")

_GREEK = _table(
    "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s ς=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
)
_GREEK_PAIRS = _table("ου=ou γγ=ng γξ=nx γχ=nch")

_ARMENIAN = _table(
    "ա=a բ=b գ=g դ=d ե=e զ=z է=e ը=e թ=t ժ=zh ի=i լ=l խ=kh ծ=ts կ=k հ=h ձ=dz ղ=gh ճ=ch մ=m յ=y ն=n շ=sh ո=o չ=ch պ=p "
    "ջ=j ռ=r ս=s վ=v տ=t ր=r ց=ts ւ=v փ=p ք=k օ=o ֆ=f և=ev"
)
_GEORGIAN = _table(
    "ა=a ბ=b გ=g დ=d ე=e ვ=v ზ=z თ=t ი=i კ=k ლ=l მ=m ნ=n ო=o პ=p ჟ=zh რ=r ს=s ტ=t უ=u ფ=p ქ=k ღ=gh ყ=q შ=sh ჩ=ch ც=ts "
    "ძ=dz წ=ts ჭ=ch ხ=kh ჯ=j ჰ=h"
)

_KANA_ROWS = _table(
    "ア=アイウエオ k=カキクケコ g=ガギグゲゴ s=サシスセソ z=ザジズゼゾ t=タチツテト d=ダヂヅデド n=ナニヌネノ "
    "h=ハヒフヘホ b=バビブベボ p=パピプペポ m=マミムメモ r=ラリルレロ"
)
_KANA = {
    kana: ("" if row == "ア" else row) + vowel
    for row, line in _KANA_ROWS.items()
    for kana, vowel in zip(line, "aiueo", strict=True)
} | _table("シ=shi ジ=ji チ=chi ツ=tsu ヂ=ji ヅ=zu フ=fu ン=n ー= ヤ=ya ユ=yu ヨ=yo ワ=wa ヰ=i ヱ=e ヲ=o ヴ=vu")
_SMALL = _table("ャ=a ュ=u ョ=o")


def russian(name: str) -> str:
    """Чайковский → chaykovsky."""
    return re.sub("(?:ий|ый)$", "ы", name.lower()).translate(str.maketrans(_RUSSIAN))


def ukrainian(name: str) -> str:
    """Юрчишин → yurchyshyn."""
    parts = re.split(r"([ -])", name.lower())
    initial = (_UKRAINIAN_INITIAL.get(part[:1], part[:1]) + part[1:] for part in parts)
    return "".join(initial).replace("зг", "zgh").translate(str.maketrans(_UKRAINIAN))


def greek(name: str) -> str:
    """Παπαδόπουλος → papadopoulos."""
    bare = "".join(c for c in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(c))
    bare = re.sub("([αε])υ(?=[θκξπσςτφχψ]|$)", r"\1f", re.sub("^μπ|(?<=[ -])μπ", "b", bare))
    bare = re.sub("([αε])υ", r"\1v", bare)
    for pair, latin in _GREEK_PAIRS.items():
        bare = bare.replace(pair, latin)
    return bare.translate(str.maketrans(_GREEK))


def armenian(name: str) -> str:
    """Հովհաննիսյան → hovhannisyan."""
    name = re.sub("^ո(?!ւ)", "vօ", name.lower().replace("եւ", "և")).replace("ու", "u")
    return re.sub("^ե", "ye", name).translate(str.maketrans(_ARMENIAN))


def georgian(name: str) -> str:
    """შევარდნაძე → shevardnadze."""
    return name.translate(str.maketrans(_GEORGIAN))


def japanese(kana: str) -> str:
    """サトウ → sato. Katakana in, Hepburn out."""
    latin = ""
    doubled = False
    for sign in kana:
        if sign == "ッ":
            doubled = True
        elif sign in _SMALL and latin.endswith("i"):
            stem = latin[:-1]
            latin = stem + ("" if stem.endswith(("sh", "ch", "j")) else "y") + _SMALL[sign]
        else:
            sound = _KANA.get(sign, sign)
            latin += (("t" if sound.startswith("ch") else sound[:1]) if doubled else "") + sound
            doubled = False
    # In Inoue the u begins a new word, so it is not the length of the o.
    return re.sub("(?<=[yhj])uu", "u", re.sub("ou(?!e)|oo", "o", latin))
