"""Judges rendered packuments with Python's json, which is not Larder's reader.

Argument: a manifest. For each document: the upstream's, our full form, our abbreviated form, and
where there is one, the abbreviated form that the registry sent. Prints what differs; exit status 1
when there was anything.
"""

import json
import sys

KEPT = (
    "name version deprecated dependencies optionalDependencies devDependencies bundleDependencies "
    "bundledDependencies peerDependencies peerDependenciesMeta acceptDependencies bin directories dist "
    "engines os cpu libc funding _hasShrinkwrap"
).split()


class Pairs(list):
    """An object with its order and its duplicates."""


def ordered(path):
    with open(path, "rb") as file:
        return json.loads(file.read().decode("utf-8"), object_pairs_hook=Pairs)


def plain(path):
    with open(path, "rb") as file:
        return json.loads(file.read().decode("utf-8"))


def file_name(url, package, version):
    last = url.split("?")[0].split("#")[0].rsplit("/", 1)[-1]
    if last.endswith(".tgz"):
        return last
    return f"{package.rsplit('/', 1)[-1]}-{version.split('+')[0]}.tgz"


def expected_url(url, package, version, base):
    return f"{base}{package}/-/{file_name(url, package, version)}"


def rewritten(document, package, base):
    """The ordered document as we must serve it."""
    def dist(pairs, version):
        return Pairs(
            (key, expected_url(value, package, version, base)
             if key == "tarball" and isinstance(value, str) else value)
            for key, value in pairs)

    def one(pairs, version):
        if not isinstance(pairs, Pairs):
            return pairs
        return Pairs(
            (key, dist(value, version) if key == "dist" and isinstance(value, Pairs) else value)
            for key, value in pairs)

    return Pairs(
        (key, Pairs((version, one(value, version)) for version, value in value_)
         if key == "versions" else value_)
        for key, value_ in document)


def abbreviated(document, package, base):
    """The abbreviated form, made here a second time."""
    result = {key: document[key] for key in ("name", "dist-tags", "time") if key in document}
    modified = document.get("time", {}).get("modified", document.get("modified"))
    if modified is not None:
        result["modified"] = modified
    if "versions" in document:
        result["versions"] = {}
    for version, manifest in document.get("versions", {}).items():
        short = {key: manifest[key] for key in KEPT if key in manifest}
        if isinstance(short.get("dist", {}).get("tarball"), str):
            url = expected_url(short["dist"]["tarball"], package, version, base)
            short["dist"] = dict(short["dist"], tarball=url)
        scripts = manifest.get("scripts") or {}
        if {"preinstall", "install", "postinstall"} & set(scripts) or manifest.get("hasInstallScript"):
            short["hasInstallScript"] = True
        result["versions"][version] = short
    return result


def compare_with_recorded(recorded, original, ours, package, base, complain):
    """Our abbreviated form against the registry's own."""
    if recorded["name"] != ours["name"]:
        complain("recorded: another name")
    # Tags move; where they are the same, the two were recorded at one moment.
    if recorded["dist-tags"] != ours["dist-tags"] and package == "rollup":
        complain("recorded: other tags")
    if list(recorded["versions"]) != list(ours["versions"]):
        complain("recorded: other versions")
    for version, want in recorded["versions"].items():
        have = ours["versions"][version]
        for key in KEPT + ["hasInstallScript"]:
            a, b = want.get(key), have.get(key)
            if key != "deprecated" and not a and not b:
                continue  # {} and false: the registry left them out at some times, and not at others
            if key == "dist":
                a = dict(a, tarball=expected_url(a["tarball"], package, version, base))
                # The registry added hashes to old versions later, in this form first.
                source = original["versions"][version]["dist"]
                a = {name: value for name, value in a.items() if name in source}
                b = {name: value for name, value in b.items() if name in a}
            if a != b:
                complain(f"recorded: {version}: {key}: {a!r} != {b!r}")


def judge(entry, base, registry, complain):
    package = entry["package"]
    original, full = ordered(entry["original"]), ordered(entry["full"])
    if rewritten(original, package, base) != full:
        complain("full: not the upstream's document with our URLs")
    document, served, ours = (plain(entry[key]) for key in ("original", "full", "abbreviated"))
    if ours != abbreviated(document, package, base):
        complain("abbreviated: not what the document says")
    count = 0
    for label, form in (("full", served), ("abbreviated", ours)):
        for version, manifest in form.get("versions", {}).items():
            url = manifest.get("dist", {}).get("tarball", base)
            count += 1
            if not url.startswith(base) or registry in url:
                complain(f"{label}: {version}: {url}")
    if entry.get("recorded"):
        compare_with_recorded(plain(entry["recorded"]), document, ours, package, base, complain)
    return count


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        manifest = json.load(file)
    complaints, counts = [], []
    for entry in manifest["documents"]:
        def complain(text, entry=entry):
            complaints.append(f"{entry['package'][:40]}: {text}"[:400])
        try:
            counts.append(judge(entry, manifest["base"], manifest["registry"], complain))
        except Exception as error:  # a document that Python cannot read is the finding
            complain(f"{type(error).__name__}: {error}")
    print("\n".join(complaints[:40]))
    print(f"judged {len(counts)} documents, {sum(counts)} URLs")
    sys.exit(1 if complaints else 0)


main()
