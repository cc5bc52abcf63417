#!/usr/bin/env python3
"""reaching.py HEADER: the sources whose first include brings <HEADER>, by headers of this tree.

To these it makes no difference if HEADER was parsed before: neither they nor the header that is
named first, their own, can lean on it by mistake. In tests any include will do."""
import functools
import pathlib
import re
import sys

INCLUDE = re.compile(r'^#include [<"]([^>"]+)', re.MULTILINE)
wanted = sys.argv[1]


@functools.cache
def direct(name):
    path = pathlib.Path(name)
    return INCLUDE.findall(path.read_text(encoding="utf-8")) if path.is_file() else []


@functools.cache
def brings(name):
    return name == wanted or any(brings(header) for header in direct(name))


for room in ("dispatcher", "adapters", "tests"):
    for source in sorted(pathlib.Path(room).rglob("*.cc")):
        headers = direct(str(source))
        if any(brings(header) for header in (headers if source.name.endswith("_test.cc") else headers[:1])):
            print(source.resolve())
