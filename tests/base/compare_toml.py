#!/usr/bin/env python3
"""Compare the TOML bridge with Python's tomllib: same documents accepted, same values, same order of keys.

usage: compare_toml.py TOML_DUMP [COUNT [SEED]]

Documents are generated from a seed: half of them valid by construction, half of them with random damage. Not counted
are numbers that need more than 64 bits, which the bridge refuses and Python does not, and digits of a second beyond
its microseconds, which Python drops.
"""
import datetime
import random
import re
import struct
import subprocess
import sys
import tomllib

KEYS = ["a", "b", "key", "x-y", "1", "under_score", '"quoted key"', "'lit.eral'", '""', '"\\u00e4"', '"ä"']
STRINGS = ['""', '"text"', "'raw\\'", '"tab\\t \\" \\\\ \\U0001F600"', '"""\nmulti\n""x"""', '"""a \\\n   b"""',
           "'''\nraw ' '' multi'''", '"""""two"""""', '"ünïcode €"', '"# no comment"', '"[[{"']
NUMBERS = ["0", "-0", "+7", "42", "1_000", "0xDEAD_beef", "0o755", "0b1101", "9223372036854775807",
           "-9223372036854775808", "0.0", "-0.0", "3.14", "-2e5", "6.02E+23", "1e-7", "1_0.2_5", "inf", "-inf", "nan",
           "1.7976931348623157e308", "5e-324", "0.1", "123456789.123456789"]
DATES = ["1979-05-27", "2024-02-29", "07:32:00", "23:59:59.999999", "00:00:00.5", "1979-05-27T07:32:00",
         "1979-05-27 07:32:00Z", "1979-05-27T00:32:00.999999-07:30", "2000-01-01t12:00:00+00:00",
         "1979-05-27T07:32:00z"]
DAMAGE = list("[]{}=.,#\"'\\\n\t _-+0159eExabtruefnidTZ:äé\u0487\x00\x7f")


def make_key(random_):
    return ".".join(random_.choice(KEYS) for _ in range(random_.choice([1, 1, 1, 2, 3])))


def make_value(random_, depth):
    kind = random_.randrange(8 if depth < 4 else 6)
    if kind < 2:
        return random_.choice(STRINGS)
    if kind < 4:
        return random_.choice(NUMBERS)
    if kind == 4:
        return random_.choice(DATES)
    if kind == 5:
        return random_.choice(["true", "false"])
    items = [make_value(random_, depth + 1) for _ in range(random_.randrange(4))]
    if kind == 6:
        joint = random_.choice([", ", ",", " ,\n  ", ", # comment\n"])
        return "[" + joint.join(items) + random_.choice(["", "\n"]) + "]"
    return "{" + ", ".join(f"{make_key(random_)} = {item}" for item in items) + "}"


def make_document(random_):
    lines = []
    for _ in range(random_.randrange(1, 12)):
        kind = random_.randrange(10)
        if kind == 0:
            lines.append(f"[{make_key(random_)}]")
        elif kind == 1:
            lines.append(f"[[{make_key(random_)}]] # comment")
        elif kind == 2:
            lines.append(random_.choice(["", "# comment", "  "]))
        else:
            lines.append(f"{make_key(random_)} = {make_value(random_, 0)}")
    return "\n".join(lines) + random_.choice(["", "\n"])


def damage(random_, text):
    for _ in range(random_.randrange(1, 4)):
        at = random_.randrange(len(text) + 1)
        removed = random_.choice([0, 0, 1, 1, 3])
        text = text[:at] + random_.choice(["", *DAMAGE]) + text[at + removed:]
    return text


def tag_time(value):
    return value.strftime("%H:%M:%S") + (f".{value.microsecond * 1000:09d}" if value.microsecond else "")


def tag(value):
    if isinstance(value, dict):
        return "{" + "".join(f"{key.encode().hex()}:{tag(item)}," for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + "".join(tag(item) + "," for item in value) + "]"
    if isinstance(value, bool):
        return f"b{int(value)}"
    if isinstance(value, str):
        return "s" + value.encode().hex()
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "fnan" if value != value else "f" + struct.pack(">d", value).hex()
    if isinstance(value, datetime.datetime):
        text = f"d{value.date().isoformat()}T{tag_time(value)}"
        if value.tzinfo is None:
            return text
        minutes = int(value.utcoffset().total_seconds()) // 60
        sign = "-" if minutes < 0 else "+"
        return text + ("Z" if minutes == 0 else f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}")
    if isinstance(value, datetime.date):
        return "d" + value.isoformat()
    return "d" + tag_time(value)


def expect(text):
    try:
        return tag(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValueError) as error:
        return f"error {error}"


def differ(ours, theirs):
    if ours.startswith("error"):
        return not theirs.startswith("error") and not re.search("not representable|could not be interpreted", ours)
    digits_beyond_microseconds = re.compile(r"(:\d\d\.\d{6})\d{3}")
    return digits_beyond_microseconds.sub(r"\1", ours) != digits_beyond_microseconds.sub(r"\1", theirs)


def main():
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    random_ = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    documents = []
    for i in range(count):
        text = make_document(random_)
        documents.append(text if i % 2 == 0 else damage(random_, text))
    data = b"".join(f"{len(text.encode())}\n".encode() + text.encode() for text in documents)
    result = subprocess.run([sys.argv[1]], input=data, stdout=subprocess.PIPE, check=True)
    lines = result.stdout.decode().split("\n")[:-1]
    if len(lines) != count:
        sys.exit(f"{count} documents gave {len(lines)} lines")
    accepted = 0
    failures = 0
    for text, ours in zip(documents, lines):
        theirs = expect(text)
        accepted += not theirs.startswith("error")
        if differ(ours, theirs):
            failures += 1
            if failures <= 5:
                print(f"--- document\n{text!r}\nours:   {ours}\ntheirs: {theirs}")
    print(f"{count} documents, {accepted} accepted by tomllib, {failures} judged differently")
    sys.exit(1 if failures or not count // 10 < accepted < count else 0)


if __name__ == "__main__":
    main()
