"""Judges rendered pages with readers that are not Larder's: json, html.parser, urllib.

Argument: a manifest. For each page: the upstream's document, our JSON, our HTML. Prints what was
lost or left; exit status 1 when there was anything.
"""

import html.parser
import json
import re
import sys
from urllib.parse import unquote, urljoin, urlsplit

FILES = "https://files.example/packages/"
HOSTS = {"index.example", "files.example", "wheels.example"}
OURS = "http://cache.example:81/prefix/pypi/"
SUFFIXES = (".whl .tar.gz .zip .tar.bz2 .tgz .tar.xz .tar.z .tar .egg .exe .msi .dmg .rpm .deb").split()
FRAGMENT = ["sha256", "sha512", "sha384", "blake2b", "md5"]
LENGTH = {"md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128, "blake2b": 128}


class Page(html.parser.HTMLParser):
    CDATA_CONTENT_ELEMENTS = ("script", "style", "title", "textarea")

    def __init__(self):
        super().__init__()
        self.base, self.anchors, self.meta, self.inside = None, [], {}, None

    def handle_starttag(self, tag, attrs):
        attributes = {}
        for key, value in attrs:
            attributes.setdefault(key, value or "")
        if tag == "base" and self.base is None:
            self.base = attributes.get("href")
        if tag == "meta" and "name" in attributes:
            self.meta[attributes["name"]] = attributes.get("content", "")
        if tag == "a":
            self.inside = [attributes, ""]
            self.anchors.append(self.inside)

    def handle_data(self, data):
        if self.inside:
            self.inside[1] += data

    def handle_endtag(self, tag):
        if tag == "a":
            self.inside = None


def parse(text):
    page = Page()
    page.feed(text)
    page.close()
    return page


def announced(value):
    """The state of core-metadata: false, true, or its hash, as name and hex."""
    if value in (True, "true"):
        return True
    if isinstance(value, str) and "=" in value:
        name, _, hex_ = value.partition("=")
        value = {name: hex_}
    if isinstance(value, dict):
        for name in FRAGMENT:
            if isinstance(value.get(name), str) and len(value[name]) == LENGTH[name]:
                return (name, value[name])
    return False


def from_html(text, base):
    page, files = parse(text), []
    base = urljoin(base, page.base) if page.base else base
    for attributes, content in page.anchors:
        if "href" not in attributes:
            continue
        url = urljoin(base, attributes["href"].strip())
        parts = urlsplit(url)
        name = unquote(parts.path.rsplit("/", 1)[-1])
        if parts.scheme not in ("http", "https") or not name.lower().endswith(tuple(SUFFIXES)):
            continue
        hashes = {}
        for field in parts.fragment.split("&"):
            key, _, value = field.partition("=")
            if LENGTH.get(key) == len(value) and not hashes:
                hashes[key] = value
        metadata = attributes.get("data-core-metadata", attributes.get("data-dist-info-metadata"))
        signature = attributes.get("data-gpg-sig")
        files.append({
            "filename": name, "url": url.split("#")[0], "hashes": hashes,
            "requires-python": attributes.get("data-requires-python") or None,
            "core-metadata": announced(metadata),
            "yanked": (attributes["data-yanked"] or True) if "data-yanked" in attributes else False,
            "gpg-sig": {"true": True, "false": False}.get(signature),
            "size": int(attributes["data-size"]) if "data-size" in attributes else None,
            "upload-time": attributes.get("data-upload-time"),
            "provenance": attributes.get("data-provenance"),
            "attributes": attributes, "text": content,
        })
    return page, files


def from_json(document, base):
    files = []
    for raw in document["files"]:
        size, time = raw.get("size"), raw.get("upload-time")
        yanked = raw.get("yanked")
        files.append({
            "filename": raw["filename"], "url": urljoin(base, raw["url"]),
            "hashes": {k: v for k, v in raw["hashes"].items() if isinstance(v, str)},
            "requires-python": raw.get("requires-python") or None,
            "core-metadata": announced(raw.get("core-metadata", raw.get("dist-info-metadata"))),
            "yanked": True if yanked == "" else (yanked or False),
            "gpg-sig": raw.get("gpg-sig"),
            "size": size if type(size) is int else None,
            "upload-time": time if time and re.match(r"\d{4}-", time) else None,
            "provenance": raw.get("provenance"), "raw": raw,
        })
    return files


def mapped(url):
    """Where a file must be served, as an absolute URL, decoded."""
    parts = urlsplit(url)
    if url.startswith(FILES):
        return OURS + "packages/" + unquote(url[len(FILES):])
    if parts.netloc in HOSTS:
        return OURS + "files/" + parts.netloc + unquote(parts.path)
    return unquote(url)


def fragment(hashes):
    for name in FRAGMENT:
        if len(hashes.get(name, "")) == LENGTH[name]:
            return {name: hashes[name]}
    return {}


def judge(entry, complain):
    name, base = entry["project"], entry["base"]
    with open(entry["original"], encoding="utf-8") as file:
        original = file.read()
    with open(entry["json"], encoding="utf-8") as file:
        our_json_text = file.read()
    with open(entry["html"], encoding="utf-8") as file:
        our_html_text = file.read()
    is_json = entry["original"].endswith(".json")
    ours = json.loads(our_json_text)
    expected = from_json(json.loads(original), base) if is_json else from_html(original, base)[1]
    our_base = OURS + "simple/" + name + "/"
    page, html_files = from_html(our_html_text, our_base)
    json_files = from_json(ours, our_base)

    for label, files in (("json", json_files), ("html", html_files)):
        if len(files) != len(expected) or not files:
            complain(f"{label}: {len(files)} files for {len(expected)}")
            continue
        for want, have in zip(expected, files):
            for key in ("filename", "requires-python", "core-metadata", "yanked", "gpg-sig",
                        "size", "upload-time", "provenance"):
                if want[key] != have[key]:
                    complain(f"{label}: {want['filename']}: {key}: {want[key]!r} != {have[key]!r}")
            if mapped(want["url"]) != unquote(have["url"]):
                complain(f"{label}: {want['filename']}: URL {have['url']} of {want['url']}")
            hashes = fragment(want["hashes"]) if label == "html" else want["hashes"]
            if hashes != have["hashes"]:
                complain(f"{label}: {want['filename']}: hashes {have['hashes']}")
    judge_html(page, html_files, expected, is_json, complain)
    judge_json(ours, json_files, expected, json.loads(original) if is_json else None, name, complain)
    for label, text in (("json", our_json_text), ("html", our_html_text)):
        text = re.sub(r"https://index\.example/integrity/[^\"]*", "", text)
        text = text.replace('"tracks": ["https://index.example/simple/nasty/"]', "")
        for host in HOSTS:
            if "//" + host in text:
                complain(f"{label}: a URL of {host} is left")
    return len(expected)


def judge_html(page, files, expected, is_json, complain):
    if len(page.anchors) != len(files):
        complain("html: anchors that are no files")
    if "pypi:repository-version" not in page.meta:
        complain("html: no version")
    for want, have in zip(expected, files):
        attributes = have["attributes"]
        if have["text"] != want["filename"]:
            complain(f"html: text {have['text']!r}")
        if "false" in (attributes.get("data-core-metadata"), attributes.get("data-dist-info-metadata")):
            complain("html: false metadata")
        if attributes.get("data-core-metadata") != attributes.get("data-dist-info-metadata"):
            complain("html: two kinds of metadata")
        for key, value in want.get("attributes", {}).items():
            if key in ("href", "data-core-metadata", "data-dist-info-metadata"):
                continue
            if attributes.get(key, "") != value:
                complain(f"html: attribute {key}={value!r} became {attributes.get(key)!r}")


def judge_json(ours, files, expected, original, name, complain):
    for have in files:
        raw = have["raw"]
        if "dist-info-metadata" in raw or None in (raw.get("size", 0), raw.get("upload-time", 0)):
            complain(f"json: {raw['filename']}: a member that kills clients")
        if not isinstance(raw.get("hashes"), dict):
            complain(f"json: {raw['filename']}: no hashes")
        if raw.get("core-metadata", True) not in (True, False) and not announced(raw["core-metadata"]):
            complain(f"json: {raw['filename']}: unusable metadata")
    if original is None:
        if ours["name"] != name or ours["meta"] != {"api-version": "1.0"}:
            complain("json: name or version")
        return
    if list(ours) != list(original):
        complain("json: other keys or another order")
    for key, value in original.items():
        if key != "files" and ours.get(key) != value:
            complain(f"json: {key} differs")
    known = {"url", "size", "upload-time", "core-metadata", "dist-info-metadata", "hashes", "yanked"}
    for want, have in zip(expected, files):
        for key, value in want["raw"].items():
            if key not in known and (key not in have["raw"] or have["raw"][key] != value):
                complain(f"json: {want['filename']}: {key} is lost")
        for key in have["raw"]:
            if key not in want["raw"] and key != "core-metadata":
                complain(f"json: {want['filename']}: {key} is invented")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    complaints, counts = [], []
    for entry in manifest:
        def complain(text, entry=entry):
            complaints.append(f"{entry['original'].rsplit('/', 1)[-1]}: {text}")
        try:
            counts.append(judge(entry, complain))
        except Exception as error:  # a page that Python cannot read is the finding
            complain(f"{type(error).__name__}: {error}")
    print("\n".join(complaints[:40]))
    print(f"judged {len(counts)} pages, {sum(counts)} files")
    sys.exit(1 if complaints else 0)


main()
