"""Judges rendered pages with pip's own link parser: what pip would see of the upstream's page, it sees
of ours, and of both our forms the same.

Argument: a manifest, as for judge.py. Exit status 1 when there was a difference, 3 without a usable pip.
"""

import json
import sys
from urllib.parse import unquote, urlsplit

try:
    import pip
    from pip._internal.index.collector import IndexContent, parse_links
except ImportError as error:
    print(f"no usable pip: {error}")
    sys.exit(3)

OURS = "http://127.0.0.1:81/prefix/pypi/simple/"
TYPES = {"json": "application/vnd.pypi.simple.v1+json", "html": "text/html; charset=utf-8"}
SUFFIXES = (".whl .tar.gz .zip .tar.bz2 .tgz .tar.xz .tar.z .tar .egg .exe .msi .dmg .rpm .deb").split()
FRAGMENT = ["sha256", "sha512", "sha384", "blake2b", "md5"]
# Pages that no pip reads as they are, which is why we mend them.
UNREADABLE = {"nasty"}


def links(path, form, url):
    with open(path, "rb") as file:
        content = file.read()
    found = list(parse_links(IndexContent(content, TYPES[form], "utf-8", url)))
    return [link for link in found if link.scheme in ("http", "https")
            and unquote(urlsplit(link.url).path).lower().rstrip().endswith(tuple(SUFFIXES))]


def hashes(link):
    """All that pip knows: those of JSON, or the one of a fragment."""
    known = dict(getattr(link, "_hashes", None) or {})
    if not known and link.hash_name:
        known[link.hash_name] = link.hash
    return known


def metadata(link):
    """None, True for an announcement without a hash, or the hashes."""
    data = getattr(link, "metadata_file_data", None)
    return None if data is None else (data.hashes or True)


def same_hashes(first, second):
    """Whether one form's hashes say what the other's do, where one may hold a single one."""
    common = set(first) & set(second)
    return all(first[name] == second[name] for name in common) and (
        bool(common) or not any(name in FRAGMENT for name in list(first) + list(second)))


def compare(label, first, second, complain):
    if len(first) != len(second):
        complain(f"{label}: {len(first)} links and {len(second)}")
        return
    for one, other in zip(first, second):
        name = one.filename
        pairs = [
            ("name", name, other.filename),
            ("requires-python", one.requires_python or None, other.requires_python or None),
            ("yanked", one.yanked_reason, other.yanked_reason),
            ("metadata", metadata(one), metadata(other)),
        ]
        for key, here, there in pairs:
            if here != there:
                complain(f"{label}: {name}: {key}: {here!r} and {there!r}")
        if not same_hashes(hashes(one), hashes(other)):
            complain(f"{label}: {name}: hashes {hashes(one)} and {hashes(other)}")


def judge(entry, complain):
    url = OURS + entry["project"] + "/"
    form = "json" if entry["original"].endswith(".json") else "html"
    ours_json = links(entry["json"], "json", url)
    ours_html = links(entry["html"], "html", url)
    compare("our JSON and our HTML", ours_json, ours_html, complain)
    for one, other in zip(ours_json, ours_html):
        if one.url_without_fragment != other.url_without_fragment:
            complain(f"URLs {one.url_without_fragment} and {other.url_without_fragment}")
    if entry["project"] not in UNREADABLE:
        original = links(entry["original"], form, entry["base"])
        compare("upstream and our JSON", original, ours_json, complain)
        compare("upstream and our HTML", original, ours_html, complain)
        for one, other in zip(original, ours_json):
            if getattr(one, "upload_time", None) != getattr(other, "upload_time", None):
                if form == "json":
                    complain(f"{one.filename}: upload-time is lost")
    return len(ours_json)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    complaints, count = [], 0
    for entry in manifest:
        def complain(text, entry=entry):
            complaints.append(f"{entry['original'].rsplit('/', 1)[-1]}: {text}")
        try:
            count += judge(entry, complain)
        except Exception as error:  # a page that pip cannot read is the finding
            complain(f"{type(error).__name__}: {error}")
    print("\n".join(complaints[:40]))
    print(f"pip {pip.__version__} saw {len(manifest)} pages, {count} links")
    sys.exit(1 if complaints else 0)


main()
