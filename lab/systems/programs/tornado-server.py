"""Tornado with a WebSocket handler: `tornado-server.py HOST PORT PING_INTERVAL PING_TIMEOUT`."""
import sys

from tornado import ioloop, web, websocket

host, port, interval, timeout = sys.argv[1:]


class Handler(websocket.WebSocketHandler):
    def on_message(self, message):
        pass


app = web.Application(
    [("/", Handler)],
    websocket_ping_interval=float(interval),
    websocket_ping_timeout=float(timeout),
)
app.listen(int(port), host)
ioloop.IOLoop.current().start()
