"""Runs a server whose names come from a hostile DNS server, in a network of its own.

usage: unshare --net --mount python3 rebinding.py LARDER FOLDER ROUNDS

The network has a loopback interface and nothing else, so that no packet leaves this machine. Here are
the DNS server, a chart repository at a name that the configuration has, and a canary on port 443 of
every loopback address, where nobody may connect. Prints one line of JSON: the statuses for each name,
the canary's connections, and how often each name was asked for.
"""

import fcntl, json, os, re, socket, struct, subprocess, sys, threading, time, urllib.request
import urllib.error

binary, folder, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
# A public address that this network cannot reach.
PUBLIC = socket.inet_aton("93.184.215.14")
LOOP, LOOP6 = socket.inet_aton("127.0.0.1"), socket.inet_pton(socket.AF_INET6, "::1")


def v6(text):
    return socket.inet_pton(socket.AF_INET6, text)


# What the nth question for an address gets, again and again.
A, AAAA = 1, 28
NAMES = {
    "index.example": {A: [[LOOP]]},
    "private.example": {A: [[LOOP]]},
    "inner.example": {A: [[socket.inet_aton("10.0.0.1")]]},
    "linklocal.example": {A: [[socket.inet_aton("169.254.169.254")]], AAAA: [[v6("fe80::1")]]},
    "six.example": {AAAA: [[LOOP6]]},
    "mapped.example": {AAAA: [[v6("::ffff:127.0.0.1")]]},
    "translated.example": {AAAA: [[v6("64:ff9b::7f00:1")]]},
    "mixed.example": {A: [[PUBLIC, LOOP]]},
    "mixedback.example": {A: [[LOOP, PUBLIC]]},
    "mixedfamilies.example": {A: [[PUBLIC]], AAAA: [[LOOP6]]},
    "rebind.example": {A: [[PUBLIC], [LOOP]]},
    "rebindback.example": {A: [[LOOP], [PUBLIC]]},
}
asked, connections = {}, []


def loopback_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        # SIOCSIFFLAGS with IFF_UP and IFF_RUNNING (netdevice(7)).
        fcntl.ioctl(control, 0x8914, struct.pack("16sh22x", b"lo", 0x41))


def answer(question):
    labels, position = [], 12
    while question[position]:
        length = question[position]
        labels.append(question[position + 1:position + 1 + length].decode().lower())
        position += length + 1
    kind = struct.unpack("!H", question[position + 1:position + 3])[0]
    name = ".".join(labels)
    number = asked[name, kind] = asked.get((name, kind), 0) + 1
    script = NAMES.get(name, {}).get(kind, [[]])
    addresses = script[(number - 1) % len(script)]
    status = 0x8180 if name in NAMES else 0x8183
    reply = question[:2] + struct.pack("!HHHHH", status, 1, len(addresses), 0, 0)
    reply += question[12:position + 5]
    for address in addresses:
        reply += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(address)) + address
    return reply


def serve_names(server):
    while True:
        question, client = server.recvfrom(4096)
        server.sendto(answer(question), client)


def watch(server):
    while True:
        connection, peer = server.accept()
        connections.append(peer[0])
        connection.close()


def serve_index(server, index):
    while True:
        connection, _ = server.accept()
        connection.settimeout(10)
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(4096)
            if not piece:
                break
            request += piece
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/yaml\r\nConnection: close\r\n"
        connection.sendall(f"{head}Content-Length: {len(index)}\r\n\r\n".encode() + index)
        connection.close()


def start(work, *arguments):
    threading.Thread(target=work, args=arguments, daemon=True).start()


def listen(family, address):
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(address)
    server.listen(64)
    return server


loopback_up()
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("127.0.0.53", 53))
start(serve_names, names)
for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1")):
    try:
        start(watch, listen(family, (address, 443)))
    except OSError:
        # A kernel without IPv6 has nobody who could connect either.
        if family == socket.AF_INET:
            raise
for path, text in (
        ("resolv.conf", "nameserver 127.0.0.53\noptions timeout:2 attempts:1\n"),
        ("nsswitch.conf", "hosts: dns\n"), ("hosts", "")):
    with open(f"{folder}/{path}", "w") as file:
        file.write(text)
    subprocess.run(["mount", "--bind", f"{folder}/{path}", f"/etc/{path}"], check=True)

entries = "".join(
    f"  {name.split('.')[0]}:\n" + "".join(
        f"  - name: {name.split('.')[0]}\n    version: 1.{number}.0\n    apiVersion: v2\n"
        f"    digest: {'0' * 64}\n    urls: [https://{name}/c-1.{number}.0.tgz]\n"
        for number in range(rounds))
    for name in NAMES if name != "index.example")
repository = listen(socket.AF_INET, ("127.0.0.1", 0))
start(serve_index, repository, f"apiVersion: v1\nentries:\n{entries}".encode())
with open(f"{folder}/larder.yaml", "w") as file:
    port = repository.getsockname()[1]
    file.write(
        f"listen: 127.0.0.1:0\ndata: {folder}/data\ndrain_delay_seconds: 0\n"
        f"helm:\n  repositories:\n    acme: http://index.example:{port}/charts\n")
with open(f"{folder}/log", "w") as log:
    server = subprocess.Popen(
        [binary, "serve", "--config", f"{folder}/larder.yaml"], stdout=log, stderr=log,
        env={"PATH": os.environ.get("PATH", "")})


def log():
    with open(f"{folder}/log") as file:
        return file.read()


try:
    end = time.monotonic() + 20
    while not (found := re.search(r"http://127\.0\.0\.1:(\d+)", log())):
        if server.poll() is not None or time.monotonic() > end:
            sys.exit(f"larder does not listen: {log()}")
        time.sleep(0.01)
    base = f"http://127.0.0.1:{found[1]}/helm/acme/"

    def get(path):
        try:
            with urllib.request.urlopen(base + path, timeout=60) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    status, index = get("index.yaml")
    statuses = {}
    for name in NAMES:
        if name == "index.example":
            continue
        statuses[name] = sorted(
            {get(f"-/{name}/c-1.{number}.0.tgz")[0] for number in range(rounds)})
    print(json.dumps({
        "index": status, "isListed": all(f"-/{name}/" in index for name in statuses),
        "statuses": statuses, "connections": connections,
        "asked": {name: sum(n for (one, _), n in asked.items() if one == name) for name in NAMES},
    }), flush=True)
finally:
    server.terminate()
    server.wait()
