"""Python websockets, asyncio: `websockets-server.py HOST PORT PING_INTERVAL PING_TIMEOUT CLOSE_TIMEOUT`."""
import asyncio
import sys

from websockets import serve


async def handler(ws, *_):
    try:
        async for _message in ws:
            pass
    except Exception:
        pass


async def main():
    host, port, interval, timeout, close = sys.argv[1:]
    async with serve(
        handler,
        host,
        int(port),
        ping_interval=float(interval),
        ping_timeout=float(timeout),
        close_timeout=float(close),
    ):
        await asyncio.Future()


asyncio.run(main())
