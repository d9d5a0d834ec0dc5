"""Downloads one resource on many connections at once and compares every byte.

usage: crowd.py PORT TARGET COUNT SIZE PERIOD-FILE [slow]

The right body is the period repeated up to SIZE. Prints "started" once every client has its first
bytes, and at the end one line of JSON. With "slow" one more client comes first and reads 10 kB/s.
"waits" are the seconds that each client waited for its first bytes, the shortest first; "sending" is
how long the first one to get any then took to get all.
"""

import json, selectors, socket, sys, time

port, target, count, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(sys.argv[5], "rb") as file:
    period = file.read()
has_slow = sys.argv[6:] == ["slow"]
ROOM = 1 << 18
expected = period * (ROOM // len(period) + 2)
room = bytearray(ROOM)
view = memoryview(room)


class Client:
    def __init__(self, receive_buffer=None):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.start = time.monotonic()
        request = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        self.socket.sendall(request.encode())
        self.socket.setblocking(False)
        self.head, self.position, self.fault, self.seconds, self.wait = b"", -1, None, None, None

    def read(self, limit=ROOM):
        """Takes what is there; False when nothing more is to come."""
        try:
            length = self.socket.recv_into(view[:limit])
        except BlockingIOError:
            return True
        except OSError as error:
            self.fault = str(error)
            return False
        if length == 0:
            if self.position != size and not self.fault:
                self.fault = f"ended at {self.position}"
            return False
        begin = 0
        if self.position < 0:
            self.head += bytes(view[:length])
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return True
            lines = self.head[:end].decode().lower().split("\r\n")
            if " 200 " not in lines[0] + " " or f"content-length: {size}" not in lines:
                self.fault = repr(lines)
                return False
            begin = length - (len(self.head) - end - 4)
            self.position = 0
            self.wait = time.monotonic() - self.start
        offset = self.position % len(period)
        if not expected.startswith(view[begin:length], offset):
            self.fault = f"wrong bytes near {self.position}"
            return False
        self.position += length - begin
        if self.position == size:
            self.seconds = time.monotonic() - self.start
        return self.position < size


selector = selectors.DefaultSelector()
slow = None
if has_slow:
    slow = Client(receive_buffer=4096)
    while slow.position <= 0 and not slow.fault:
        slow.read(1000)
        time.sleep(0.01)

clients = [Client() for _ in range(count)]
for client in clients:
    selector.register(client.socket, selectors.EVENT_READ, client)
waiting, has_started, next_sip = count, False, time.monotonic()
deadline = time.monotonic() + 200
while waiting and time.monotonic() < deadline:
    for key, _ in selector.select(0.1):
        if not key.data.read():
            selector.unregister(key.fileobj)
            key.fileobj.close()
            waiting -= 1
    if not has_started and all(client.position > 0 or client.fault for client in clients):
        has_started = True
        print("started", flush=True)
    if slow and not slow.fault and time.monotonic() >= next_sip:
        slow.read(1000)
        next_sip = time.monotonic() + 0.1

done = sorted(
    (client.wait, client.seconds - client.wait) for client in clients if client.seconds is not None)
times = sorted(client.seconds for client in clients if client.seconds is not None)
print(json.dumps({
    "right": len(times),
    "faults": sorted({client.fault for client in clients if client.fault}),
    "median": times[len(times) // 2] if times else 0,
    "longest": times[-1] if times else 0,
    "waits": [wait for wait, _ in done],
    "sending": done[0][1] if done else 0,
    "slow": slow.position if slow and not slow.fault else 0,
}), flush=True)
