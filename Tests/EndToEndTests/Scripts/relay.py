"""Passes bytes on between two connections, for the scripts beside it."""

import asyncio


async def pump(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def join(one, other):
    """Until both have ended; each is a pair of reader and writer."""
    await asyncio.gather(pump(one[0], other[1]), pump(other[0], one[1]))
