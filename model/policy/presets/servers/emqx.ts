/** EMQX: a counter of packets, looked at every 30 s, and one and a half times the keep alive in whole looks. */
import { definePreset } from '../definition.ts';
import { timeOrOff } from '../options.ts';

/** emqx_schema.erl: keepalive_check_interval, keepalive_multiplier. */
const CHECK_MS = 30_000;
const MULTIPLIER = 1.5;

export const emqx = definePreset({
  name: 'emqx',
  tags: ['server'],
  title: 'EMQX: keep alive 60 s, looked at every 30 s',
  claim: 'A client is disconnected after one and a half times its keep alive.',
  truth:
    'The third look in a row without a packet is the verdict: 60 s to 90 s after the last one, so up to half a minute sooner than MQTT allows. A PINGREQ that is late by a little may be too late.',
  source:
    'emqx/emqx@50e04386de, apps/emqx/src/emqx_keepalive.erl (check, keepalive_params), emqx_schema.erl',
  assumes: ['EMQX 5.8 or later; the client chose 60 s and sends a PINGREQ so often'],
  runtime: {
    name: 'EMQX on esockd (Erlang gen_tcp)',
    sets: 'send_timeout 15 s with send_timeout_close: a send that stays blocked closes the socket; no keepalive unless tcp_keepalive is set',
    source: 'emqx/emqx@50e04386de, apps/emqx/src/emqx_schema.erl (tcp_opts)',
    mechanisms: [{ kind: 'write-deadline', timeoutMs: '15s' }],
  },
  notModelled: ['a packet counts only once it is whole: here each byte does'],
  options: {
    keepAlive: timeOrOff('60s', 'What the client asks for; it sends a PINGREQ so often.', {
      bare: 's',
      maxMs: 65_535_000,
    }),
  },
  mechanisms: ({ keepAlive }) => {
    if (keepAlive === null) return [];
    const everyMs = Math.max(1_000, Math.min(CHECK_MS, Math.floor(keepAlive / 2)));
    const looks = Math.ceil(Math.ceil(keepAlive * MULTIPLIER) / everyMs);
    return [
      {
        kind: 'receive-deadline',
        timeoutMs: Math.max(1, (looks - 1) * everyMs),
        life: ['any-byte'],
        granularity: { everyMs, direction: 'up', grid: 'connection' },
      },
    ];
  },
  peerHeartbeat: ({ keepAlive }) =>
    keepAlive === null ? undefined : { everyMs: keepAlive, bytes: 2, sentBy: 'websocket' },
});
