"""aiohttp server with a WebSocket handler: `aiohttp-server.py HOST PORT HEARTBEAT`."""
import sys

from aiohttp import web

host, port, heartbeat = sys.argv[1:]


async def handler(request):
    ws = web.WebSocketResponse(heartbeat=float(heartbeat))
    await ws.prepare(request)
    async for _message in ws:
        pass
    return ws


app = web.Application()
app.router.add_get("/", handler)
web.run_app(app, host=host, port=int(port), print=None)
