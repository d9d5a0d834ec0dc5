"""Makes small wheels of pure Python, each with its metadata beside it.

usage: make_wheels.py FOLDER WHEEL…, where a WHEEL is `name==version` or
`name==version:requirement,requirement`.
"""

import base64
import hashlib
import pathlib
import sys
import zipfile


def make(folder, specification):
    release, _, requirements = specification.partition(":")
    name, _, version = release.partition("==")
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: >=3.8\n"
    metadata += "".join(f"Requires-Dist: {each}\n" for each in requirements.split(",") if each)
    files = {
        f"{name.replace('-', '_')}.py": f"version = {version!r}\n",
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    record = f"{stem}.dist-info/RECORD"
    lines = [f"{path},sha256={digest(text)},{len(text)}\n" for path, text in files.items()]
    files[record] = "".join(lines) + f"{record},,\n"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for inner, text in files.items():
            wheel.writestr(zipfile.ZipInfo(inner, (2024, 1, 1, 0, 0, 0)), text)
    path.with_name(path.name + ".metadata").write_text(metadata)


def digest(text):
    sum = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(sum).rstrip(b"=").decode()


for specification in sys.argv[2:]:
    make(pathlib.Path(sys.argv[1]), specification)
