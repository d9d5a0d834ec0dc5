"""A company's outbound proxy: outbound_proxy.py NAME=PORT…

Knows these names, each at a port of this machine, and refuses all others. Writes its own port first and
then, for each tunnel, the place that was asked for. Tunnels (CONNECT) alone.
"""

import asyncio
import sys

import relay

PLACES = dict(place.rsplit("=", 1) for place in sys.argv[1:])


async def serve(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    method, place = head.split(" ")[:2]
    print(method, place, flush=True)
    port = PLACES.get(place)
    if method != "CONNECT" or port is None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        writer.close()
        return
    inner = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await relay.join((reader, writer), inner)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
