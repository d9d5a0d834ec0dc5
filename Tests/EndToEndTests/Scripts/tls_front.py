"""Ends TLS before a port of this machine: tls_front.py LISTEN TARGET CERTIFICATE KEY.

LISTEN may be 0; the port is the first line that is written.
"""

import asyncio
import ssl
import sys

import relay


async def serve(reader, writer):
    try:
        inner = await asyncio.open_connection("127.0.0.1", int(sys.argv[2]))
    except OSError:
        writer.close()
        return
    await relay.join((reader, writer), inner)


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
