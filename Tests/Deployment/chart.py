"""The chart as real Helm engines render it, for the tests beside this file."""

import functools
import json
import os
import pathlib
import subprocess
import tempfile

import jsonschema
import kubernetes_validate
import yaml
from kubernetes_validate import utils

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts" / "larder"
CLIENTS = pathlib.Path(os.environ.get("LARDER_CLIENTS", ROOT / ".build-clients"))
ENGINES = {name: CLIENTS / name / "helm" for name in ("helm-3", "helm-4")}
VERSIONS = ("1.29", "1.33", "1.37")
CASES = sorted(path.name.removesuffix("-values.yaml") for path in CHART.glob("ci/*-values.yaml"))
OWN_SCHEMAS = {path.stem: json.loads(path.read_text())
               for path in pathlib.Path(__file__).parent.glob("schemas/*.json")}

# Reading the definitions of one version takes longer than all the rest.
utils.schema_contents = functools.lru_cache(utils.schema_contents)


def judge(part, version="1.33"):
    """Raises jsonschema.ValidationError unless a manifest is one that Kubernetes takes."""
    if schema := OWN_SCHEMAS.get(part["kind"]):
        jsonschema.validate(part, schema)
    else:
        kubernetes_validate.validate(part, version, strict=True)


class UniqueKeys(yaml.SafeLoader):
    """Refuses a key that stands twice, which YAML's readers otherwise take silently."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(keys)):
            raise yaml.constructor.ConstructorError(None, None, f"a key twice in {keys}",
                                                    node.start_mark)
        return super().construct_mapping(node, deep)


def template(engine, *arguments, values=None):
    words = [str(ENGINES[engine]), "template", "trial", str(CHART), "--namespace", "tools", *arguments]
    with tempfile.TemporaryDirectory() as home:
        if values is not None:
            (pathlib.Path(home) / "values.yaml").write_text(yaml.safe_dump(values))
            words += ["--values", f"{home}/values.yaml"]
        environment = {"HOME": home, "PATH": os.environ["PATH"]}
        return subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)


@functools.lru_cache
def rendered(engine, case, kubernetes="1.33"):
    result = template(engine, "--kube-version", kubernetes,
                      "--values", str(CHART / "ci" / f"{case}-values.yaml"))
    if result.returncode != 0:
        raise AssertionError(f"{engine} {case}: {result.stderr}")
    return result.stdout


def manifests(engine, case, kubernetes="1.33"):
    return [part for part in yaml.load_all(rendered(engine, case, kubernetes), UniqueKeys) if part]


def of_kind(case, kind):
    return [part for part in manifests("helm-4", case) if part["kind"] == kind]


def pods(case):
    """The specifications of all pods that a case makes."""
    for part in manifests("helm-4", case):
        if part["kind"] == "Pod":
            yield part["spec"]
        elif part["kind"] == "Deployment":
            yield part["spec"]["template"]["spec"]
