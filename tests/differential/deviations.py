"""What is done to a draft before it is signed, each deviation under a name of its own."""

import random
from collections.abc import Callable, Sequence

from tests.differential.drafts import LAST_SECOND, NOON, SIGNERS, SITE, STRANGER, Draft

_OTHER_SITES = ("c2l0ZS10d28", "C2L0ZS1VBMU", "c2l0ZS1vbmV", "___________", "-----------")
_BLANK = (" ", "\n", "\t", "\r", "  ", " \n ", "")

Deviation = Callable[[Draft, random.Random], None]


# What every reader of JSON must take in any spelling: these deviate from what an issuer writes, not from the rules.


def other_order(draft: Draft, chance: random.Random) -> None:
    chance.shuffle(draft.header)
    chance.shuffle(draft.payload)


def white_space(draft: Draft, chance: random.Random) -> None:
    draft.comma = f"{chance.choice(_BLANK)},{chance.choice(_BLANK)}"
    draft.colon = f"{chance.choice(_BLANK)}:{chance.choice(_BLANK)}"


def white_space_around(draft: Draft, chance: random.Random) -> None:
    draft.around_header = ("{" + chance.choice(_BLANK), chance.choice(_BLANK) + "}" + chance.choice(_BLANK))
    draft.around_payload = (chance.choice(_BLANK) + "{" + chance.choice(_BLANK), "}" + chance.choice(_BLANK))


def escaped_letter(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    index = chance.randrange(len(members))
    side = chance.random() < 0.5
    text = members[index][side]
    if text.startswith('"') and len(text) > 2 and "\\" not in text:
        place = chance.randrange(1, len(text) - 1)
        code = f"{ord(text[place]):04x}" if chance.random() < 0.5 else f"{ord(text[place]):04X}"
        spelled = f"{text[:place]}\\u{code}{text[place + 1 :]}"
        members[index] = (members[index][0], spelled) if side else (spelled, members[index][1])


def any_time(draft: Draft, chance: random.Random) -> None:
    start = chance.choice((0, 1, NOON, LAST_SECOND - 90_000, LAST_SECOND - 1, LAST_SECOND, 2**53 - 1, -1))
    length = chance.choice((1, 3600, 89_999, 90_000, 90_001, 0, -1, 10**9, 2**52))
    _set(draft.payload, "nbf", str(start))
    _set(draft.payload, "exp", str(start + length))


def longer(draft: Draft, chance: random.Random) -> None:
    fill = " " * int(chance.triangular(0, 720, 500))
    before, after = draft.around_payload
    draft.around_payload = (before, fill + after)


# Members missing, foreign, twice, or of another kind.


def without_member(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    del members[chance.randrange(len(members))]


def foreign_member(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    members.insert(chance.randrange(len(members) + 1), (chance.choice(_FOREIGN_NAMES), chance.choice(_VALUES)))


_FOREIGN_NAMES = tuple(
    f'"{name}"'
    for name in ("crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "cty", "iss", "iat", "name", "", "KID", "rev", "p2c")
)
_VALUES = (
    "null", "true", "false", "0", "1", "-1", '""', '"exp"', '["exp"]', "[]", "{}", '{"a":{"b":[]}}', "[[[[[[]]]]]]",
    '"https://keys.example/"', '"\\ud800"', '"\\ud83d\\ude00"', '"é"', "1.5", "1e3", "NaN", "Infinity", "-0",
    "[" * 60 + "]" * 60,
)  # fmt: skip


def repeated_member(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    name, value = chance.choice(members)
    die = chance.random()
    if die < 0.3:
        value = chance.choice(_VALUES)
    elif die < 0.6:
        name = f'"\\u{ord(name[1]):04x}{name[2:]}'
    members.insert(chance.randrange(len(members) + 1), (name, value))


def other_value(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    index = chance.randrange(len(members))
    members[index] = (members[index][0], chance.choice(_VALUES))


def swapped_values(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    one, other = chance.randrange(len(members)), chance.randrange(len(members))
    (name, value), (other_name, other_value) = members[one], members[other]
    members[one], members[other] = (name, other_value), (other_name, value)


def renamed_member(draft: Draft, chance: random.Random) -> None:
    members = _part(draft, chance)
    index = chance.randrange(len(members))
    name, value = members[index]
    names = (name.upper(), name[:-1] + ' "', name.replace('"', "'"), name.strip('"'), name[:-1] + '\\u0000"', name[:-1])
    members[index] = (chance.choice(names), value)


# Numbers as JSON readers of many languages take them, and as JSON has them not.


def spelled_number(draft: Draft, chance: random.Random) -> None:
    name = chance.choice(("nbf", "exp", "rev"))
    if name == "rev" and not any(member == '"rev"' for member, _ in draft.payload):
        draft.payload.append(('"rev"', str(chance.choice((1, 9, 10, 99, 100, 0)))))
    value = _get(draft.payload, name)
    _set(draft.payload, name, chance.choice(_SPELLINGS)(value))


_SPELLINGS: Sequence[Callable[[str], str]] = (
    lambda value: f"{value}.0",
    lambda value: f"{value}e0",
    lambda value: f"{value}E+0",
    lambda value: f"{value}0e-1",
    lambda value: f"-{value}",
    lambda value: f"+{value}",
    lambda value: f"0{value}",
    lambda value: f'"{value}"',
    lambda value: f"[{value}]",
    lambda value: f"{value}.",
    lambda value: f"0x{value}",
    lambda value: f"{value}_0",
    lambda value: f"{value}n",
    lambda value: f"{value} 0",
    lambda value: value * 9,
    lambda value: value + "0" * 400,
    lambda value: f"{value}.{'0' * 30}1",
    lambda _: "-0",
    lambda _: "1e3",
    lambda _: "1e400",
    lambda _: "-1",
    lambda _: "true",
    lambda _: "false",
    lambda _: "null",
    lambda _: "NaN",
    lambda _: "-Infinity",
    lambda _: str(2**53),
    lambda _: str(2**53 - 1),
    lambda _: str(2**63),
    lambda _: str(-(2**53)),
    lambda _: "\u0661\u0662",
    lambda _: "\uff11",
)


def minus_zero(draft: Draft, chance: random.Random) -> None:
    """Begin at a zero that is 0 to one reader and -0.0 to another, in a visit that is right but for that."""
    _set(draft.payload, "nbf", chance.choice(("-0", "0", "-0", "0.0")))
    _set(draft.payload, "exp", "3600")


# Identifiers and names of algorithms a little beside the right ones.


def other_identifier(draft: Draft, chance: random.Random) -> None:
    name = chance.choice(("jti", "sub", "aud"))
    value = _get(draft.payload, name).strip('"')
    place = chance.randrange(len(value)) if value else 0
    foreign = chance.choice(
        ("+", "/", "=", ".", " ", "\u0410", "\u00e9", "\\u0000", "\\n", '\\"', "\\/", "\\u00e9", "~")
    )
    changed = (
        value[:-1],
        value + "A",
        value + "=",
        "",
        "A" * 200,
        value[:place] + foreign + value[place + 1 :],
        value + "\\n",
        "\\n" + value,
        value.swapcase(),
        "-" * len(value),
    )
    _set(draft.payload, name, f'"{chance.choice(changed)}"')


def other_site(draft: Draft, chance: random.Random) -> None:
    _set(draft.payload, "aud", f'"{chance.choice(_OTHER_SITES)}"')


def other_audience(draft: Draft, chance: random.Random) -> None:
    values = (f'["{SITE}"]', f'["{SITE}","{_OTHER_SITES[0]}"]', "[]", f'{{"id":"{SITE}"}}', f'"{SITE} "', f'"{SITE}"')
    _set(draft.payload, "aud", chance.choice(values))


def other_algorithm(draft: Draft, chance: random.Random) -> None:
    names = ("none", "HS256", "ES256", "eddsa", "EDDSA", "Ed25519", "EdDSA ", "EdDS", "", "EdDSA\\u0000", "\\u0045dDSA")
    _set(draft.header, "alg", f'"{chance.choice(names)}"')


def other_type(draft: Draft, chance: random.Random) -> None:
    names = ("JWT", "jwt", "Visit+jwt", "visit+JWT", "visit jwt", "application/visit+jwt", "device+jwt", "dpop+jwt", "")
    _set(draft.header, "typ", f'"{chance.choice(names)}"')


def other_key_id(draft: Draft, chance: random.Random) -> None:
    kid = draft.signer.kid
    names = (
        kid.upper(),
        kid[:-1],
        kid + "A",
        kid + " ",
        "AAAAAAAA",
        "../../..",
        "",
        kid[:-1] + "=",
        kid[:-1] + "\u0410",
    )
    _set(draft.header, "kid", f'"{chance.choice(names)}"')


def other_signer(draft: Draft, chance: random.Random) -> None:
    draft.signer = chance.choice((STRANGER, *SIGNERS))


def stranger(draft: Draft, chance: random.Random) -> None:
    draft.signer = STRANGER
    _set(draft.header, "kid", f'"{STRANGER.kid}"')


# Bytes that some readers take for JSON.


def other_encoding(draft: Draft, chance: random.Random) -> None:
    draft.codec = chance.choice(("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7"))


def odd_character(draft: Draft, chance: random.Random) -> None:
    """Put a character between or into members that UTF-8 cannot carry or JSON does not know."""
    members = _part(draft, chance)
    index = chance.randrange(len(members))
    odd = chance.choice(
        ("\ud800", "\udfff", "\ufeff", "\x00", "\x0b", "\x0c", "\x1f", "\x7f", "\u00a0", "\u2028", "\\x")
    )
    name, value = members[index]
    inside = f"{value[:-1]}{odd}{value[-1:]}"
    places = ((odd + name, value), (name + odd, value), (name, odd + value), (name, value + odd), (name, inside))
    members[index] = chance.choice(places)


def odd_brackets(draft: Draft, chance: random.Random) -> None:
    if chance.random() < 0.5:
        draft.around_header = chance.choice(_BRACKETS)
    else:
        draft.around_payload = chance.choice(_BRACKETS)


_BRACKETS = (
    ("[{", "}]"), ('{"a":{', "}}"), ("{", ",}"), ("{,", "}"), ("{", "}{}"), ("{", "}x"), ("{", "}\0"), ("{", ""),
    ("", ""), ("(", ")"), ("{", "}}"), ("{{", "}}"), ("{", "/**/}"), ("{", "}//"), ("/**/{", "}"), ("\ufeff{", "}"),
    ("[" * 80 + "{", "}" + "]" * 80), (" {", "}"), ("\n{", "}"), ("{", "}\n"), ("\x0c{", "}"), ("{", "}\u00a0"),
    (")]}'\n{", "}"),
)  # fmt: skip


def odd_commas(draft: Draft, chance: random.Random) -> None:
    draft.comma = chance.choice((";", ",,", "", " ", "\x0c,", ",\u00a0", ", "))
    draft.colon = chance.choice((":", ":", ":", "=", "::", "=>", ": "))


# Segments.


def other_segments(draft: Draft, chance: random.Random) -> None:
    draft.segments.append(chance.choice(_SEGMENTS))


_SEGMENTS: Sequence[Callable[[str], str]] = (
    lambda text: text + "=",
    lambda text: text.replace(".", "=."),
    lambda text: text + ".",
    lambda text: "." + text,
    lambda text: text.replace(".", ""),
    lambda text: text.replace(".", ".."),
    lambda text: text.partition(".")[0] + ".",
    lambda text: text.replace("-", "+").replace("_", "/"),
    lambda text: text + "\n",
    lambda text: " " + text,
    lambda text: text[:-2] + "\n" + text[-2:],
    lambda text: text[:-1] + chr(ord(text[-1]) + 1),
    lambda text: text[: text.index(".") - 1] + chr(ord(text[text.index(".") - 1]) + 1) + text[text.index(".") :],
    lambda text: text + "A",
    lambda text: text + "%3D",
    lambda text: text + "\u0410",
    lambda text: text + "A" * 700,
)


def other_signature(draft: Draft, chance: random.Random) -> None:
    changes: Sequence[Callable[[bytes], bytes]] = (
        lambda signature: signature[:63],
        lambda signature: signature + b"\0",
        lambda _: b"",
        lambda signature: signature * 2,
    )
    draft.signature = chance.choice(changes)


def padded_signature(draft: Draft, chance: random.Random) -> None:
    draft.padded_signature = True


def _part(draft: Draft, chance: random.Random) -> list[tuple[str, str]]:
    part = draft.header if chance.random() < 0.4 else draft.payload
    return part or [('"alg"', '"EdDSA"')]


def _get(members: list[tuple[str, str]], name: str) -> str:
    return next((value for member, value in members if member == f'"{name}"'), "1")


def _set(members: list[tuple[str, str]], name: str, value: str) -> None:
    for index, (member, _) in enumerate(members):
        if member == f'"{name}"':
            members[index] = (member, value)


_HARMLESS: tuple[Deviation, ...] = (other_order, white_space, white_space_around, escaped_letter, any_time, longer)
_WRONG: tuple[Deviation, ...] = (
    without_member,
    foreign_member,
    repeated_member,
    other_value,
    swapped_values,
    renamed_member,
    spelled_number,
    minus_zero,
    other_identifier,
    other_site,
    other_audience,
    other_algorithm,
    other_type,
    other_key_id,
    other_signer,
    stranger,
    other_encoding,
    odd_character,
    odd_brackets,
    odd_commas,
    other_segments,
    other_signature,
    padded_signature,
)
ALL: tuple[Deviation, ...] = (*_HARMLESS * 3, *_WRONG)
DEVIATIONS = frozenset(deviation.__name__ for deviation in ALL)
