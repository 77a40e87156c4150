/** Deno.upgradeWebSocket: half the idle timeout without a message or pong, a ping, and the other half. */
import { definePreset } from '../definition.ts';
import { IDLE_MS, timeOrOff } from '../options.ts';
import { denoNet } from '../runtimes/others.ts';

export const denoUpgradeWebSocket = definePreset({
  name: 'deno-upgradeWebSocket',
  aliases: ['deno', 'Deno.upgradeWebSocket'],
  tags: ['server'],
  title: 'Deno.upgradeWebSocket: idleTimeout 30 s',
  claim: 'A client that is silent for 30 s is closed.',
  truth:
    'After 15 s to 30 s while the send path is free. The second half starts when the ping has been written, so behind a blocked write it never starts: a ghost with a full send buffer stands until the kernel gives up, a frozen one for ever.',
  source: 'denoland/deno@98f9507aff, ext/websocket/01_websocket.js, lib.rs (op_ws_send_ping)',
  assumes: ['Deno 2.9; the client is a browser or any library that answers pings'],
  runtime: denoNet,
  notModelled: ['close is emitted twice, 1001 and 1005'],
  options: {
    idleTimeout: timeOrOff('30s', 'Silence after which a connection is closed.', {
      bare: 's',
      minMs: 2_000,
      plausibleMs: IDLE_MS,
    }),
  },
  mechanisms: ({ idleTimeout }) =>
    idleTimeout === null
      ? []
      : [
          {
            kind: 'ping',
            intervalMs: Math.floor(idleTimeout / 2),
            after: 'last-life',
            replyTimeoutMs: Math.floor(idleTimeout / 2),
            replyClock: 'written',
            life: ['message', 'pong'],
            // op_ws_close is awaited, then the resource is closed.
            verdict: 'flush',
          },
        ],
});
