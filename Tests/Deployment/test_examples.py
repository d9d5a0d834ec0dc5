"""The examples of deploy/: values that the chart takes, Terraform whose names exist, workflows as they are."""

import json
import pathlib
import re
import tempfile
import unittest

import hcl2
import yaml

from chart import ROOT, UniqueKeys, judge, template

TERRAFORM = ROOT / "deploy/terraform"


def rendered(values):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "values.yaml"
        path.write_text(values)
        result = template("helm-4", "--values", str(path))
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    parts = [part for part in yaml.load_all(result.stdout, UniqueKeys) if part]
    for part in parts:
        judge(part)
    # The metrics' Service comes after the clients'.
    return {part["kind"]: part for part in reversed(parts)}


def environment(parts):
    container = parts["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return {variable["name"]: variable.get("value") for variable in container["env"]}


class Pipelines(unittest.TestCase):
    def test_the_values_of_the_pipelines(self):
        parts = rendered((ROOT / "deploy/values.yaml").read_text())
        self.assertTrue(environment(parts)["LARDER_TRUSTED_PROXIES"])
        self.assertEqual(environment(parts)["LARDER_PUBLIC_URL"], "https://larder.example/")

    def test_helm_waits_longer_than_a_start_may_take(self):
        deadline = rendered((ROOT / "deploy/values.yaml").read_text())["Deployment"]["spec"]["progressDeadlineSeconds"]
        for name in ("github-actions", "gitlab-ci"):
            minutes = re.search(r"--timeout (\d+)m", (ROOT / f"deploy/{name}.yaml").read_text())
            self.assertGreater(int(minutes[1]) * 60, deadline, name)
        minutes = re.search(r"timeout = (\d+)\n", (TERRAFORM / "main.tf").read_text())
        self.assertGreater(int(minutes[1]), deadline)

    def test_what_kolga_deploys_ends_and_starts_in_time(self):
        document = yaml.load((ROOT / "deploy/gitlab-kolga.yaml").read_text(), UniqueKeys)
        values = document["variables"]
        drain = sum(int(values[f"K8S_SECRET_LARDER_{name}_SECONDS"]) for name in ("DRAIN_DELAY", "DRAIN"))
        # Kubernetes' default, and what the server takes to store what it has.
        self.assertLess(drain + 2, 30)
        patience = int(values["K8S_PROBE_INITIAL_DELAY"]) + (
            (int(values["K8S_PROBE_FAILURE_THRESHOLD"]) - 1) * int(values["K8S_PROBE_PERIOD"]))
        self.assertGreater(patience, 60 + 600)

    def test_actions_are_pinned(self):
        for path in (ROOT / ".github/workflows/release.yaml", ROOT / "deploy/github-actions.yaml"):
            text = path.read_text()
            uses = re.findall(r"uses: (.+)", text)
            self.assertTrue(uses)
            for use in uses:
                self.assertRegex(use, r"^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
            self.assertEqual(yaml.safe_load(text)["defaults"], {"run": {"shell": "bash"}})


class Terraform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = (TERRAFORM / "main.tf").read_text()
        cls.document = hcl2.loads(cls.text)
        cls.values = (TERRAFORM / "values.yaml").read_text()

    def test_every_name_is_declared(self):
        def names(kind):
            return {tuple(word.strip('"') for word in (outer, inner))
                    for block in self.document[kind] for outer, inners in block.items() for inner in inners}
        resources, data = names("resource"), names("data")
        variables = {name.strip('"') for block in self.document["variable"] for name in block}
        text = re.sub(r"(?m)#.*$", "", self.text)
        # Of texts only what is filled in counts.
        text = re.sub(r'"((?:[^"$]|\$\{[^}]*\})*)"',
                      lambda found: " ".join(re.findall(r"\$\{([^}]*)\}", found[1])), text)
        for outer, inner in re.findall(r"\b((?:google|kubernetes|helm|random)_\w+)\.(\w+)", text):
            self.assertTrue({(outer, inner)} & (resources | data), f"{outer}.{inner}")
        for name in re.findall(r"\bvar\.(\w+)", text):
            self.assertIn(name, variables)
        self.assertGreater(len(resources), 10)

    def test_the_values_have_what_they_name(self):
        call = re.search(r'templatefile\("\$\{path\.module\}/values\.yaml", \{(.*?)\}\)', self.text, re.DOTALL)
        given = set(re.findall(r"(\w+)\s*=", call[1]))
        self.assertEqual(set(re.findall(r"\$\{(\w+)\}", self.values)), given)

    def test_the_manifests_are_for_autopilot_and_its_load_balancer(self):
        filled = {"host": "larder.example", "address": "192.0.2.10", "address_name": "larder-ingress", "secret": "larder"}
        parts = rendered(re.sub(r"\$\{(\w+)\}", lambda found: filled[found[1]], self.values))
        pod = parts["Deployment"]["spec"]["template"]["spec"]
        # The most that Autopilot gives a pod, which it takes as the limit.
        self.assertEqual(pod["containers"][0]["resources"]["requests"]["ephemeral-storage"], "10Gi")
        self.assertIn("emptyDir", next(volume for volume in pod["volumes"] if volume["name"] == "storage"))
        annotations = parts["Ingress"]["metadata"]["annotations"]
        self.assertEqual(annotations["kubernetes.io/ingress.class"], "gce")
        self.assertNotIn("ingressClassName", parts["Ingress"]["spec"])
        self.assertGreaterEqual(parts["BackendConfig"]["spec"]["timeoutSec"], 3600)
        chosen = json.loads(parts["Service"]["metadata"]["annotations"]["cloud.google.com/backend-config"])
        self.assertEqual(chosen["default"], parts["BackendConfig"]["metadata"]["name"])
        variables = environment(parts)
        self.assertEqual(variables["LARDER_PUBLIC_URL"], "https://larder.example/")
        self.assertIn("192.0.2.10", variables["LARDER_TRUSTED_PROXIES"])


if __name__ == "__main__":
    unittest.main()
