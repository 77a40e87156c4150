/** Tornado: a ping every interval, its pong within the timeout, one at a time. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';
import { pythonSockets } from '../runtimes/others.ts';

export const tornado = definePreset({
  name: 'tornado',
  tags: ['server'],
  title: 'Tornado: no pings until websocket_ping_interval is set',
  claim: 'websocket_ping_timeout is three intervals, 30 s at least.',
  truth:
    'Since 6.5 it is the interval, and never longer: what is longer is cut with a warning. Off by default; with an interval of 30 s a ghost stands 30 s to 60 s, and its descriptor 5 s more.',
  source: 'tornadoweb/tornado@e5300314, tornado/websocket.py (periodic_ping, ping_timeout)',
  assumes: ['Tornado 6.5 or later'],
  runtime: pythonSockets,
  options: {
    websocket_ping_interval: timeOrOff('off', 'Time between two pings.', { bare: 's' }),
    websocket_ping_timeout: timeOrOff(
      'off',
      'Patience for a pong; off or longer than the interval = the interval.',
      { bare: 's' },
    ),
  },
  mechanisms: ({ websocket_ping_interval: intervalMs, websocket_ping_timeout: timeoutMs }) => {
    if (intervalMs === null) return [];
    const patienceMs = Math.min(timeoutMs ?? intervalMs, intervalMs);
    const closing = { kind: 'close-handshake', timeoutMs: '5s' } as const;
    const common = { intervalMs, life: ['pong'], verdict: 'close' } as const;
    // Where the patience is the interval, the next ping and the verdict on the one before are one instant.
    return patienceMs === intervalMs
      ? [{ ...common, kind: 'sweep', timer: 'per-connection', ping: true }, closing]
      : [{ ...common, kind: 'ping', replyTimeoutMs: patienceMs, replyClock: 'enqueued' }, closing];
  },
});
