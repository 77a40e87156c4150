/** Languages and libraries that leave SO_KEEPALIVE and TCP_USER_TIMEOUT alone: whoever wants them has to ask. */
import { setsNothing } from './runtime.ts';

export const cPlain = setsNothing('sockets of C', 'socket(7): SO_KEEPALIVE is off until it is set');
export const uSockets = setsNothing('uSockets', 'uNetworking/uSockets@86097c4, src/bsd.c');
export const denoNet = setsNothing('Deno (tokio)', 'denoland/deno@98f9507aff, ext/net/ops.rs');
export const pythonAsyncio = setsNothing(
  'Python asyncio',
  'python/cpython, Lib/asyncio/selector_events.py: TCP_NODELAY is all that a transport sets',
);
export const pythonSockets = setsNothing('Python sockets', 'python/cpython, Lib/socket.py');
export const jvm = setsNothing(
  'java.net and java.nio',
  'java.net.StandardSocketOptions.SO_KEEPALIVE, false by default',
);
export const kestrelSockets = setsNothing(
  "Kestrel's sockets",
  'dotnet/aspnetcore, src/Servers/Kestrel/Transport.Sockets: NoDelay is all that it sets',
);
export const browser = setsNothing(
  'a browser, or Node',
  'the page sets no socket option; what its browser sets at the client is not modelled',
);
export const ranch = {
  name: 'Ranch (Erlang gen_tcp)',
  sets: 'neither SO_KEEPALIVE nor TCP_USER_TIMEOUT; but send_timeout 30 s with send_timeout_close: a send that stays blocked closes the socket',
  source: 'ninenines/ranch@0214cea, src/ranch_tcp.erl, listen',
  // The driver of the port closes at once: what waits in it is dropped.
  mechanisms: [{ kind: 'write-deadline', timeoutMs: '30s' }],
} as const;
export const rust = setsNothing(
  "Rust's standard library and tokio",
  'doc.rust-lang.org, std::net::TcpStream: it has no way to set SO_KEEPALIVE',
);
