"""What a client sees of a server with TLS: tls_client.py PORT CERTIFICATE COMMAND ARGUMENT...

Each command prints one line. Nothing is checked here but the certificate.
"""

import fcntl
import hashlib
import http.client
import socket
import ssl
import subprocess
import sys
import termios
import threading
import time

port, certificate, command, *arguments = sys.argv[1:]


def context():
    made = ssl.create_default_context(cafile=certificate)
    made.check_hostname = False
    return made


def connected(made=None):
    plain = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
    plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return (made or context()).wrap_socket(plain, suppress_ragged_eofs=False)


def request(target, *fields):
    lines = [f"GET {target} HTTP/1.1", "Host: localhost", *fields]
    return "\r\n".join(lines + ["", ""]).encode()


def version(least, most, *protocols):
    """The version and the protocol that are agreed on, or that there is no agreement."""
    made = context()
    made.set_ciphers("ALL:@SECLEVEL=0")
    names = {"1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
    made.minimum_version, made.maximum_version = names[least], names[most]
    if protocols:
        made.set_alpn_protocols(list(protocols))
    try:
        with connected(made) as tls:
            # With 1.3 the server's refusal comes after our side is done.
            tls.sendall(request("/healthz", "Connection: close"))
            assert tls.recv(4).startswith(b"HTTP")
            print(tls.version(), tls.selected_alpn_protocol())
    except ssl.SSLError as error:
        # Python has no names for some of them.
        print("refused", error.reason or error.args[1])
    except ConnectionError:
        print("cut off")


def download(target, count, step):
    """Reads a file on several connections at once, in small steps: the digests, each once."""
    digests = []

    def read():
        connection = http.client.HTTPSConnection("localhost", int(port), context=context(), timeout=60)
        digest = hashlib.sha256()
        connection.request("GET", target)
        answer = connection.getresponse()
        while piece := answer.read(int(step)):
            digest.update(piece)
        digests.append((answer.status, digest.hexdigest()))
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(int(count))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(digests), *(f"{status} {digest}" for status, digest in sorted(set(digests))))


def pipelined(target, count):
    """Sends many requests in one write, the first ones in single bytes: the answers' statuses."""
    with connected() as tls:
        whole = request(target) * (int(count) - 1) + request(target, "Connection: close")
        for byte in whole[:200]:
            tls.sendall(bytes([byte]))
        tls.sendall(whole[200:])
        answer = b""
        while piece := tls.recv(65536):
            answer += piece
    print(answer.count(b"HTTP/1.1 200 OK"))


def ending(target):
    """How a body ends: in order, or broken off."""
    with connected() as tls:
        tls.sendall(request(target, "Connection: close"))
        try:
            while tls.recv(65536):
                pass
            print("in order")
        except (ssl.SSLEOFError, ConnectionError):
            print("broken off")


def drip():
    """How many seconds a client may take to say hello."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as plain:
        # The head of a record of 512 bytes, and then what is in it, a byte every 0.1 s.
        hello = b"\x16\x03\x01\x02\x00" + bytes([1, 0, 1, 252, 3, 3]) + bytes(506)
        try:
            for byte in hello:
                plain.sendall(bytes([byte]))
                plain.settimeout(0.1)
                try:
                    if not plain.recv(100):
                        break
                except TimeoutError:
                    pass
        except ConnectionError:
            pass
    print(f"{time.monotonic() - begun:.1f}")


def updated(count):
    """Asks for new keys so many times, by openssl's own client, and then for /healthz: its status, or none."""
    words = ["openssl", "s_client", "-quiet", "-no_ign_eof", "-tls1_3", "-connect", f"127.0.0.1:{port}"]
    client = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


    def taken():
        """Waits until the client has read all that was written: it looks at the first byte of a read alone."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            waiting = fcntl.ioctl(client.stdin, termios.FIONREAD, bytes(4))
            if not int.from_bytes(waiting, sys.byteorder):
                break
            time.sleep(0.002)
        # It begins another round only when it has done what the line says.
        time.sleep(0.02)

    try:
        for _ in range(int(count)):
            client.stdin.write(b"k\n")
            client.stdin.flush()
            taken()
        client.stdin.write(request("/healthz", "Connection: close"))
        client.stdin.flush()
    except BrokenPipeError:
        pass
    # Standard input stays open: the client ends with it.
    watch = threading.Timer(20, client.kill)
    watch.start()
    answer = client.stdout.read()
    watch.cancel()
    print(answer.split(b"\r\n")[0].decode() or "none")


def trickled(target):
    """Sends a request in records of one byte each: the status."""
    with connected() as tls:
        for byte in request(target, "Connection: close"):
            tls.sendall(bytes([byte]))
        answer = b""
        while piece := tls.recv(65536):
            answer += piece
    print(answer.split(b"\r\n")[0].decode())


def last(target):
    """Agrees on TLS, and sends a request a second later: the status."""
    with connected() as tls:
        print("agreed", flush=True)
        time.sleep(1)
        tls.sendall(request(target))
        answer = b""
        while piece := tls.recv(65536):
            answer += piece
    print(answer.split(b"\r\n")[0].decode())


def fingerprint():
    """Of the certificate that new connections see; nothing is believed here."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    with connected(made) as tls:
        return hashlib.sha256(tls.getpeercert(binary_form=True)).hexdigest()


def presented():
    print(fingerprint())


def renewed(target):
    """Keeps a connection until new ones see another certificate: its answers before and after."""
    with connected() as tls:
        before = fingerprint()
        statuses = []
        for _ in range(2):
            tls.sendall(request(target))
            answer = http.client.HTTPResponse(tls)
            answer.begin()
            answer.read()
            statuses.append(answer.status)
            end = time.monotonic() + 60
            while fingerprint() == before and time.monotonic() < end:
                time.sleep(0.1)
        print(*statuses, "changed" if fingerprint() != before else "the same")


globals()[command](*arguments)
