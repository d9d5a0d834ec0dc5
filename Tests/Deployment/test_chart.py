"""The chart, rendered by real Helm engines and judged by the schemas of Kubernetes.

Needs the Python packages of `scripts/clients` (lint) and the helm programs of LARDER_CLIENTS.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import unittest

import jsonschema
import kubernetes_validate
import yaml

import readme
from chart import (CASES, CHART, CLIENTS, ENGINES, OWN_SCHEMAS, ROOT, VERSIONS, UniqueKeys, judge, manifests,
                   of_kind, pods, template)

class Rendering(unittest.TestCase):
    def test_every_case_is_valid_for_kubernetes(self):
        self.assertGreaterEqual(len(CASES), 6)
        seen = set()
        # Of one engine: that both say the same is a test of its own.
        for case in CASES:
            for version in VERSIONS:
                for part in manifests("helm-4", case, version):
                    with self.subTest(case=case, version=version, kind=part["kind"]):
                        seen.add(part["kind"])
                        judge(part, version)
        self.assertEqual(seen, {
            "BackendConfig", "ConfigMap", "Deployment", "Gateway", "HTTPRoute", "HorizontalPodAutoscaler",
            "Ingress", "ManagedCertificate", "NetworkPolicy", "PersistentVolumeClaim", "Pod", "PodDisruptionBudget", "PrometheusRule",
            "Service", "ServiceAccount", "ServiceMonitor"})

    def test_the_judges_refuse_what_is_wrong(self):
        for case, kind, change in [
            ("everything", "HTTPRoute", lambda part: part["spec"].update(hostname="x")),
            ("everything", "Gateway", lambda part: part["spec"]["listeners"][0].update(port=0)),
            ("everything", "ServiceMonitor", lambda part: part["spec"]["endpoints"][0].update(interval="1 m")),
            ("everything", "PrometheusRule",
             lambda part: part["spec"]["groups"][0]["rules"][0].pop("expr")),
            ("gke", "BackendConfig", lambda part: part["spec"].update(timeout=30)),
            ("gke", "ManagedCertificate", lambda part: part["spec"].update(domains=[])),
        ]:
            part = of_kind(case, kind)[0]
            change(part)
            with self.subTest(kind=kind), self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(part, OWN_SCHEMAS[kind])
        part = of_kind("everything", "Deployment")[0]
        part["spec"]["replica"] = 2
        with self.assertRaises(jsonschema.ValidationError):
            kubernetes_validate.validate(part, "1.33", strict=True)

    def test_lint_is_clean(self):
        for engine, program in ENGINES.items():
            for case in CASES:
                result = subprocess.run(
                    [program, "lint", "--strict", CHART, "--values", CHART / "ci" / f"{case}-values.yaml"],
                    capture_output=True, text=True, timeout=60)
                with self.subTest(engine=engine, case=case):
                    self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_rendering_twice_is_the_same(self):
        for case in CASES:
            first = template("helm-4", "--values", str(CHART / "ci" / f"{case}-values.yaml")).stdout
            again = template("helm-4", "--values", str(CHART / "ci" / f"{case}-values.yaml")).stdout
            self.assertEqual(first, again, case)

    def test_both_engines_say_the_same(self):
        for case in CASES:
            self.assertEqual(sorted(map(json.dumps, manifests("helm-3", case))),
                             sorted(map(json.dumps, manifests("helm-4", case))), case)

    def test_notes_give_the_clients_settings(self):
        rows = [
            ("minimal", "http://trial-larder.tools.svc/pypi/simple/"),
            ("minimal", "http://127.0.0.1:8080/npm/"),
            ("single", "https://larder.example/pypi/simple/"),
            ("gateway", "npm config set registry https://larder.example/npm/"),
            ("gke", "helm repo add all https://larder.example/helm"),
            ("everything", "exec deployment/trial-cache -- larder token create ci"),
            ("everything", "to these ports: 3128, 443, 5432"),
        ]
        for case, expected in rows:
            # Only an installation prints the notes; as a dry run on the client it needs no cluster.
            words = [str(ENGINES["helm-4"]), "install", "trial", str(CHART), "--dry-run=client",
                     "--namespace", "tools", "--values", str(CHART / "ci" / f"{case}-values.yaml")]
            result = subprocess.run(words, capture_output=True, text=True, timeout=60)
            with self.subTest(case=case):
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn(expected, result.stdout.split("NOTES:")[1])


class Values(unittest.TestCase):
    def refused(self, values, *words):
        for engine in ENGINES:
            result = template(engine, values=values)
            with self.subTest(engine=engine, values=values):
                self.assertNotEqual(result.returncode, 0)
                for word in words:
                    self.assertIn(word, result.stderr)

    def test_typos_are_refused(self):
        rows = [
            {"replicas": 2}, {"databse": {}}, {"database": {"uri": "sqlite"}},
            {"storage": {"aws": {"zone": "x"}}}, {"ingress": {"host": "a.example"}},
            {"metrics": {"serviceMonitor": {"enable": True}}}, {"config": {"cahce": {}}},
            {"config": {"auth": {"require": True}}}, {"config": {"policy": {"min_age": "7d"}}},
            {"config": {"log": {"level": "info"}}}, {"config": {"audit": {"path": "-"}}},
            {"image": {"tags": "1"}}, {"secretFiles": [{"name": "a", "secret": "b"}]},
        ]
        for values in rows:
            self.refused(values, "dditional propert")

    def test_wrong_values_are_refused(self):
        rows = [
            ({"replicaCount": "two"}, "replicaCount"), ({"image": {"tag": "latest"}}, "tag"),
            ({"storage": {"url": "bucket"}}, "url"), ({"publicURL": "larder.example"}, "publicURL"),
            ({"storage": {"maxSize": "40Gi"}}, "maxSize"), ({"bindAddress": "127.0.0.1"}, "bindAddress"),
            ({"service": {"port": 0}}, "port"),
        ]
        for values, word in rows:
            self.refused(values, word)

    def test_combinations_that_cannot_work_are_refused_with_a_sentence(self):
        bucket = {"storage": {"url": "s3://a"}}
        server = {"database": {"existingSecret": "a"}}
        rows = [
            ({"replicaCount": 2}, "Several replicas cannot share SQLite"),
            ({"replicaCount": 2, **bucket}, "Several replicas cannot share SQLite"),
            ({"autoscaling": {"enabled": True}, **bucket}, "Several replicas cannot share SQLite"),
            ({"replicaCount": 2, **server}, "Several replicas cannot share a directory"),
            ({"replicaCount": 2, **server, "storage": {"url": "file:///a"}}, "cannot share a directory"),
            ({"ingress": {"enabled": True}}, "ingress.enabled needs at least one host name"),
            ({"httpRoute": {"enabled": True, "hostnames": ["a.example"]}}, "needs a Gateway"),
            ({"gateway": {"create": True}}, "set httpRoute.enabled to true"),
            ({"metrics": {"enabled": False, "serviceMonitor": {"enabled": True}}}, "needs metrics.enabled"),
            ({"storage": {"maxSize": "50GiB"}}, "persistence.size must be more than storage.maxSize"),
            ({"storage": {"maxSize": "55GB"}}, "persistence.size must be more than storage.maxSize"),
            ({"storage": {"url": "s3://a", "tier": {"size": "48GiB"}}}, "persistence.size must be more"),
            ({**server, **bucket, "storage": {"url": "s3://a", "tier": {"size": "27GiB"}}},
             "storage.tier.volumeSize must be more"),
            ({"config": {"drain_seconds": 300}}, "set drain.seconds"),
            ({"config": {"metrics_listen": "0.0.0.0:1"}}, "set metrics.enabled"),
            ({"config": {"database": "sqlite"}}, "set database.existingSecret"),
            ({"config": {"cache": {"max_size": "200GiB"}}}, "set storage.maxSize"),
        ]
        for values, sentence in rows:
            self.refused(values, sentence)

    def test_sizes_that_fit_are_taken(self):
        rows = [
            {"storage": {"maxSize": "49GiB"}}, {"storage": {"maxSize": "53GB"}},
            {"storage": {"maxSize": "1TiB"}, "persistence": {"size": "1.2Ti"}},
            {"storage": {"maxSize": "1TiB"}, "persistence": {"existingClaim": "large"}},
            {"storage": {"url": "s3://a", "tier": {"size": "26GiB"}}, "database": {"existingSecret": "a"}},
            {"storage": {"url": "s3://a", "maxSize": "9TiB"}},
        ]
        for values in rows:
            with self.subTest(values=values):
                result = template("helm-3", values=values)
                self.assertEqual(result.returncode, 0, result.stderr)

    def test_what_a_parent_chart_passes_is_taken(self):
        self.assertEqual(template("helm-4", values={"global": {"region": "x"}}).returncode, 0)

    def test_schema_and_readme_have_every_value(self):
        values = yaml.load((CHART / "values.yaml").read_text(), UniqueKeys)
        schema = json.loads((CHART / "values.schema.json").read_text())
        jsonschema.Draft7Validator.check_schema(schema)

        def leaves(value, rules, path):
            if not rules.get("properties"):
                yield ".".join(path)
                return
            self.assertIs(rules.get("additionalProperties"), False, path)
            self.assertEqual(set(value), set(rules["properties"]), path)
            for key, inner in value.items():
                yield from leaves(inner, rules["properties"][key], [*path, key])

        schema["properties"]["config"] = {"type": "object"}
        _, table = readme.parts()
        for path in leaves(values, schema, []):
            self.assertIn(f"| `{path}` |", table)
        self.assertEqual(table, readme.table(), "run Tests/Deployment/readme.py")

    def test_schema_knows_every_setting_of_the_configuration(self):
        text = (ROOT / "Sources/Configuration/DefaultDocument.swift").read_text()
        document = text.split('#"""', 1)[1].split('"""#', 1)[0]
        settings = {}
        for indent, key in re.findall(r"^ {8}(  )?([a-z_]+):", document, re.MULTILINE):
            if indent:
                section["properties"][key] = {}
                section.update(type="object", additionalProperties=False)
            else:
                settings[key] = section = {"properties": {}}
        self.assertGreater(len(settings), 15)
        schema = json.loads((CHART / "values.schema.json").read_text())
        known = schema["properties"]["config"]["properties"]
        self.assertEqual({key: value if value["properties"] else {} for key, value in settings.items()}, known)

    def test_the_policy_and_the_like_reach_the_server(self):
        config = {"auth": {"required": True, "anonymous": ["helm"]}, "audit": {"file": "-"},
                  "log": {"requests": False}, "policy": {"minimum_age": "7d", "malware": True}}
        parts = yaml.safe_load_all(template("helm-4", values={"config": config}).stdout)
        found = next(part for part in parts if part and part["kind"] == "ConfigMap")
        self.assertEqual(yaml.safe_load(found["data"]["larder.yaml"]), config)

    def test_the_chart_is_of_the_programs_version(self):
        source = (ROOT / "Sources/larder/Larder.swift").read_text()
        version = re.search(r'static let version = "([^"]+)"', source)[1]
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual((chart["version"], chart["appVersion"]), (version, version))

    def test_every_variable_that_the_chart_sets_is_the_servers(self):
        known = (ROOT / "Sources/Configuration/DefaultDocument.swift").read_text()
        for case in CASES:
            for pod in pods(case):
                for variable in pod["containers"][0]["env"]:
                    name = variable["name"]
                    if name.startswith(("LARDER_", "DB_", "STORAGE_")) and name != "LARDER_CONFIG":
                        self.assertIn("${" + name, known, case)


class Security(unittest.TestCase):
    def test_restricted_pod_security(self):
        """The profile `restricted`: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
        volumes = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
                   "projected", "secret"}
        for case in CASES:
            for pod in pods(case):
                with self.subTest(case=case):
                    for key in ("hostNetwork", "hostPID", "hostIPC"):
                        self.assertFalse(pod.get(key))
                    whole = pod["securityContext"]
                    self.assertIs(whole["runAsNonRoot"], True)
                    self.assertGreater(whole["runAsUser"], 0)
                    self.assertEqual(whole["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertIs(pod["automountServiceAccountToken"], False)
                    for volume in pod.get("volumes", []):
                        self.assertLessEqual(set(volume) - {"name"}, volumes)
                    self.assertNotIn("initContainers", pod)
                    for container in pod["containers"]:
                        own = container["securityContext"]
                        self.assertIs(own["allowPrivilegeEscalation"], False)
                        self.assertIs(own["readOnlyRootFilesystem"], True)
                        self.assertEqual(own["capabilities"], {"drop": ["ALL"]})
                        self.assertFalse(own.get("privileged"))
                        for port in container.get("ports", []):
                            self.assertNotIn("hostPort", port)
                        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                            self.assertNotIn("host", container.get(probe, {}).get("httpGet", {}))

    def test_no_password_outside_of_a_secret(self):
        url = "postgresql://larder:hunter2@db.example/larder"
        result = template("helm-4", values={"database": {"url": url}, "storage": {"url": "s3://a"}})
        parts = [part for part in yaml.safe_load_all(result.stdout) if part]
        holding = [part["kind"] for part in parts if "hunter2" in json.dumps(part)]
        self.assertEqual(holding, ["Secret"])
        for part in parts:
            if part["kind"] == "Secret":
                kubernetes_validate.validate(part, "1.33", strict=True)

    def test_a_change_of_configuration_restarts_the_pods(self):
        def annotations(values):
            parts = yaml.safe_load_all(template("helm-4", values=values).stdout)
            deployment = next(part for part in parts if part and part["kind"] == "Deployment")
            return deployment["spec"]["template"]["metadata"]["annotations"]
        one = annotations({"config": {"cache": {"fresh_seconds": 1}}})
        self.assertNotEqual(one, annotations({"config": {"cache": {"fresh_seconds": 2}}}))


class Structure(unittest.TestCase):
    def test_selectors_find_the_pods_and_nothing_else(self):
        for case in CASES:
            deployment = of_kind(case, "Deployment")[0]
            labels = deployment["spec"]["template"]["metadata"]["labels"]
            selectors = [deployment["spec"]["selector"]["matchLabels"]]
            selectors += [part["spec"]["selector"] for part in of_kind(case, "Service")]
            selectors += [part["spec"]["selector"]["matchLabels"] for part in of_kind(case, "PodDisruptionBudget")]
            selectors += [part["spec"]["podSelector"]["matchLabels"] for part in of_kind(case, "NetworkPolicy")]
            for part in deployment["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
                selectors.append(part["labelSelector"]["matchLabels"])
            tests = [part["metadata"]["labels"] for part in of_kind(case, "Pod")]
            for selector in selectors:
                self.assertLessEqual(selector.items(), labels.items())
                for other in tests:
                    self.assertFalse(selector.items() <= other.items())
            for monitor in of_kind(case, "ServiceMonitor"):
                wanted = monitor["spec"]["selector"]["matchLabels"].items()
                found = [part for part in of_kind(case, "Service") if wanted <= part["metadata"]["labels"].items()]
                self.assertEqual(len(found), 1)
                ports = {port["name"] for port in found[0]["spec"]["ports"]}
                self.assertIn(monitor["spec"]["endpoints"][0]["port"], ports)

    def test_one_pod_where_there_is_state_and_a_budget_where_there_are_several(self):
        rows = {"minimal": (True, 0), "single": (True, 0), "gke": (False, 1), "gke-key": (False, 1),
                "eks": (False, 1), "gateway": (False, 1), "everything": (False, 1)}
        self.assertEqual(sorted(rows), CASES)
        for case, (has_state, budgets) in rows.items():
            with self.subTest(case=case):
                spec = of_kind(case, "Deployment")[0]["spec"]
                self.assertEqual(spec["strategy"]["type"], "Recreate" if has_state else "RollingUpdate")
                self.assertEqual(len(of_kind(case, "PersistentVolumeClaim")), int(has_state))
                self.assertEqual(len(of_kind(case, "PodDisruptionBudget")), budgets)
                self.assertEqual("replicas" in spec, not of_kind(case, "HorizontalPodAutoscaler"))

    def test_the_kubelet_waits_longer_than_the_server_drains(self):
        for case in CASES:
            pod = of_kind(case, "Deployment")[0]["spec"]["template"]["spec"]
            container = pod["containers"][0]
            env = {variable["name"]: variable.get("value") for variable in container["env"]}
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
            drain = int(env["LARDER_DRAIN_DELAY_SECONDS"]) + int(env["LARDER_DRAIN_SECONDS"]) + sleep
            self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], drain + 10)

    def test_no_start_is_ended_while_the_tables_are_brought_up_to_date(self):
        schema = (ROOT / "Sources/PostgresStore/PostgresMetadata+Schema.swift").read_text()
        migration = int(re.search(r"migrationTimeout = Duration\.seconds\((\d+)\)", schema)[1])
        for case in CASES:
            spec = of_kind(case, "Deployment")[0]["spec"]
            container = spec["template"]["spec"]["containers"][0]
            env = {variable["name"]: variable.get("value") for variable in container["env"]}
            probe = container["startupProbe"]
            patience = probe["periodSeconds"] * (probe["failureThreshold"] - 1)
            self.assertGreaterEqual(patience, int(env["LARDER_STARTUP_WAIT_SECONDS"]) + migration + 30)
            self.assertGreater(spec["progressDeadlineSeconds"], patience + spec["minReadySeconds"])

    def test_probes_do_not_need_the_port_of_the_clients(self):
        def ports(values):
            parts = yaml.safe_load_all(template("helm-4", values=values).stdout)
            deployment = next(part for part in parts if part and part["kind"] == "Deployment")
            container = deployment["spec"]["template"]["spec"]["containers"][0]
            names = {port["name"] for port in container["ports"]}
            probed = {container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")}
            self.assertLessEqual(probed, names)
            return probed
        self.assertEqual(ports({}), {"metrics"})
        self.assertEqual(ports({"metrics": {"enabled": False}}), {"http"})

    def test_probes_speak_what_the_port_speaks(self):
        tls = {"tls": {"certificate_file": "/tls/tls.crt", "key_file": "/tls/tls.key"}}

        def schemes(values):
            parts = yaml.safe_load_all(template("helm-4", values=values).stdout)
            deployment = next(part for part in parts if part and part["kind"] == "Deployment")
            container = deployment["spec"]["template"]["spec"]["containers"][0]
            return {container[probe]["httpGet"]["scheme"]
                    for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        self.assertEqual(schemes({"config": tls}), {"HTTP"})
        self.assertEqual(schemes({"config": tls, "metrics": {"enabled": False}}), {"HTTPS"})
        self.assertEqual(schemes({"metrics": {"enabled": False}}), {"HTTP"})

    def test_servers_listen_on_ipv6_where_that_is_asked_for(self):
        text = template("helm-4", values={"bindAddress": "[::]"}).stdout
        self.assertIn('value: "[::]:8080"', text)
        self.assertIn('value: "[::]:9090"', text)

    def test_an_empty_dir_has_room_for_more_than_the_tier(self):
        for case in ("eks", "everything", "gateway", "gke", "gke-key"):
            pod = of_kind(case, "Deployment")[0]["spec"]["template"]["spec"]
            container = pod["containers"][0]
            tier = next(v["value"] for v in container["env"] if v["name"] == "LARDER_TIER_SIZE")
            limit = next(v["emptyDir"]["sizeLimit"] for v in pod["volumes"] if v["name"] == "storage")
            mebibytes = int(tier.removesuffix("GiB")) * 1024
            requested = int(container["resources"]["requests"]["ephemeral-storage"].removesuffix("Mi"))
            self.assertGreaterEqual(requested, mebibytes * 1.2)
            self.assertLessEqual(requested, int(limit.removesuffix("Gi")) * 1024)

    def test_a_network_policy_lets_out_what_the_values_name(self):
        rows = [
            ({}, {443}),
            ({"proxy": "http://user:12345@proxy.example:3128"}, {443, 3128}),
            ({"proxy": "http://proxy.example"}, {80, 443}),
            ({"storage": {"url": "s3://a?endpoint=http://[fd00::1]:9000&region=x"}}, {443, 9000}),
            ({"config": {"pypi": {"upstream": "https://index.example:8443/simple/"}}}, {443, 8443}),
            ({"config": {"helm": {"repositories": "a=https://a.example:1443,b=http://b.example"}}}, {80, 443, 1443}),
            ({"extraEnv": [{"name": "LARDER_NPM_UPSTREAM", "value": "http://npm.example:4873/"}]}, {443, 4873}),
            ({"database": {"existingSecret": "a"}}, {443, 5432}),
            ({"database": {"url": "postgresql://larder:99@db.example:6432/larder"}}, {443, 6432}),
            ({"database": {"url": "postgresql://larder:99@db.example:6433?sslmode=require"}}, {443, 6433}),
            ({"database": {"url": "postgresql://a.example:5433,b.example:5434/larder"}}, {443, 5433, 5434}),
            ({"networkPolicy": {"upstreamPorts": [8443]}}, {8443}),
        ]
        for values, expected in rows:
            own = {"networkPolicy": {"enabled": True, **values.get("networkPolicy", {})}}
            parts = yaml.safe_load_all(template("helm-4", values={**values, **own}).stdout)
            policy = next(part for part in parts if part and part["kind"] == "NetworkPolicy")
            with self.subTest(values=values):
                judge(policy)
                self.assertEqual({port["port"] for port in policy["spec"]["egress"][1]["ports"]}, expected)

    def test_a_network_policy_admits_the_pod_of_helm_test(self):
        for case in ("eks", "everything"):
            labels = of_kind(case, "Pod")[0]["metadata"]["labels"].items()
            peers = of_kind(case, "NetworkPolicy")[0]["spec"]["ingress"][0]["from"]
            wanted = [peer["podSelector"]["matchLabels"] for peer in peers if "podSelector" in peer]
            self.assertTrue(any(some.items() <= labels for some in wanted), case)
        # With TLS of its own the pod asks the metrics' port.
        values = {"config": {"tls": {"certificate_file": "/tls/tls.crt", "key_file": "/tls/tls.key"}},
                  "networkPolicy": {"enabled": True, "metricsFrom": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}}
        parts = [part for part in yaml.safe_load_all(template("helm-4", values=values).stdout) if part]
        policy = next(part for part in parts if part["kind"] == "NetworkPolicy")
        rule = next(rule for rule in policy["spec"]["ingress"] if rule["ports"][0]["port"] == "metrics")
        self.assertEqual([list(peer) for peer in rule["from"]], [["ipBlock"], ["podSelector"]])
        judge(policy)

    def test_mounts_have_volumes_and_names_are_of_this_release(self):
        for case in CASES:
            pod = of_kind(case, "Deployment")[0]["spec"]["template"]["spec"]
            volumes = [volume["name"] for volume in pod["volumes"]]
            self.assertEqual(len(volumes), len(set(volumes)))
            for mount in pod["containers"][0]["volumeMounts"]:
                self.assertIn(mount["name"], volumes)
            made = {part["metadata"]["name"] for part in of_kind(case, "ConfigMap")}
            for volume in pod["volumes"]:
                if volume["name"] == "config":
                    self.assertIn(volume["configMap"]["name"], made)
            image = pod["containers"][0]["image"]
            self.assertFalse(image.endswith(":latest"))
            self.assertRegex(image, "[:@]")


class Watching(unittest.TestCase):
    """Alerts and dashboard are made from metrics and labels that the server has."""

    OUTSIDE = {"job", "pod", "le"}

    @staticmethod
    def exposed():
        found = {}
        for path in (ROOT / "Sources").rglob("*.swift"):
            text = path.read_text()
            for name, rest in re.findall(r'MetricName\(\s*"([a-z_]+)"((?:[^()]|\([^()]*\))*)\)', text):
                labels = re.search(r"labels: \[([^]]*)\]", rest)
                found[name] = set(re.findall(r'"([a-z_]+)"', labels[1])) if labels else set()
        sample = (ROOT / "Sources/Metrics/ProcessSample.swift").read_text()
        for name in re.findall(r'"(process_[a-z_]+)"', sample):
            found[name] = set()
        return found

    def expressions(self):
        dashboard = json.loads((CHART / "files/dashboard.json").read_text())
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                yield panel["title"], target["expr"]
        for note in dashboard["annotations"]["list"]:
            yield note["name"], note["expr"]
        yield "job", dashboard["templating"]["list"][1]["query"]["query"].removeprefix("label_values(").split(",")[0]
        for part in of_kind("everything", "PrometheusRule"):
            for rule in part["spec"]["groups"][0]["rules"]:
                yield rule["alert"], rule["expr"]

    def test_every_metric_is_one_of_the_servers(self):
        exposed = self.exposed()
        self.assertGreater(len(exposed), 25)
        used = set()
        for title, text in self.expressions():
            with self.subTest(title):
                names = re.findall(r"\b(?:larder|process)_[a-z_]+\b", re.sub(r'"[^"]*"', '""', text))
                labels = set()
                for name in names:
                    base = name if name in exposed else re.sub(r"_(bucket|sum|count)$", "", name)
                    self.assertIn(base, exposed)
                    used.add(base)
                    labels |= exposed[base]
                wanted = re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)\"", text)
                for group in re.findall(r"by \(([^)]*)\)", text):
                    wanted += re.findall(r"[a-z_]+", group)
                if names:
                    self.assertLessEqual(set(wanted) - self.OUTSIDE, labels)
        self.assertGreater(len(used), 25)

    def test_every_metric_and_event_of_the_log_is_documented(self):
        page = (ROOT / "docs/metrics.md").read_text()
        for name in self.exposed():
            self.assertIn(f"`{name}`", page)
        found = set()
        for path in (ROOT / "Sources/larder").glob("*.swift"):
            text = path.read_text()
            found |= set(re.findall(r'\b(?:note|warn)\(\s*"([a-z]+(?:-[a-z]+)*)"', text))
            found |= set(re.findall(r'LogLine\(\.\w+, "([a-z-]+)", isText: log\.isText', text))
        self.assertGreater(len(found), 15)
        for event in found:
            self.assertIn(f"`{event}`", page)

    def test_every_alert_says_what_to_do(self):
        alerts = of_kind("everything", "PrometheusRule")[0]["spec"]["groups"][0]["rules"]
        page = (ROOT / "docs/operations.md").read_text()
        for alert in alerts:
            self.assertTrue(alert["annotations"]["summary"] and alert["annotations"]["description"])
            self.assertIn(f"`{alert['alert']}`", page)
            self.assertEqual(alert["labels"]["team"], "tools")

    def test_panels_have_places_and_titles_of_their_own(self):
        panels = json.loads((CHART / "files/dashboard.json").read_text())["panels"]
        self.assertEqual(len({panel["id"] for panel in panels}), len(panels))
        self.assertEqual(len({panel["title"] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_alerts_are_of_the_job_that_prometheus_scrapes(self):
        job = next(part["metadata"]["name"] for part in of_kind("everything", "Service")
                   if part["metadata"]["labels"]["app.kubernetes.io/component"] == "metrics")
        for title, text in self.expressions():
            if title.startswith("Larder"):
                self.assertIn(f'job="{job}"', text)


class Release(unittest.TestCase):
    """What the release workflow does with the chart, with a registry of the test's own."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self.port = reserved.getsockname()[1]
        config = pathlib.Path(self.folder.name) / "registry.yaml"
        config.write_text(yaml.safe_dump({
            "version": 0.1, "log": {"level": "error"}, "http": {"addr": f"127.0.0.1:{self.port}"},
            "storage": {"filesystem": {"rootdirectory": f"{self.folder.name}/store"}}}))
        registry = subprocess.Popen(
            [CLIENTS / "registry/usr/bin/docker-registry", "serve", config],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(registry.wait)
        self.addCleanup(registry.kill)
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                self.assertLess(time.monotonic(), end, "the registry does not listen")
                time.sleep(0.05)

    def helm(self, *arguments):
        result = subprocess.run(
            [ENGINES["helm-4"], *arguments], capture_output=True, text=True, timeout=60,
            cwd=self.folder.name, env={"HOME": self.folder.name, "PATH": os.environ["PATH"]})
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout + result.stderr

    def test_the_chart_from_a_registry_and_from_a_classic_repository(self):
        version = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]
        archive = f"larder-{version}.tgz"
        self.helm("package", str(CHART), "--destination", "packages")
        place = f"oci://127.0.0.1:{self.port}/charts"
        self.assertIn("Digest: sha256:", self.helm("push", f"packages/{archive}", place, "--plain-http"))
        (pathlib.Path(self.folder.name) / "pulled").mkdir()
        self.helm("pull", f"{place}/larder", "--version", version, "--plain-http", "--destination", "pulled")
        packed = pathlib.Path(self.folder.name) / "packages" / archive
        self.assertEqual(packed.read_bytes(),
                         (pathlib.Path(self.folder.name) / "pulled" / archive).read_bytes())
        self.helm("repo", "index", "packages", "--url", "https://charts.example")
        index = yaml.safe_load((packed.parent / "index.yaml").read_text())
        self.assertEqual(index["entries"]["larder"][0]["urls"], [f"https://charts.example/{archive}"])
        # Of the archive, which lacks what .helmignore names.
        values = str(CHART / "ci/everything-values.yaml")
        self.assertIn("kind: PrometheusRule", self.helm("template", "trial", str(packed), "--values", values))


if __name__ == "__main__":
    unittest.main()
