/** What can be said of a party beside its system's own options: each has one of these words for it, whatever it runs. */
import { MAX_BYTES } from '../schema/names.ts';
import { withheldSigns } from '../scenario/schema.ts';
import { formatDuration } from '../duration.ts';
import {
  AGE_MS,
  count,
  IDLE_MS,
  PATIENCE_MS,
  STOP_MS,
  time,
  timeOrOff,
  word,
  type PresetOption,
} from '../policy/presets/options.ts';
import { fact, type OptionTable } from './option-table.ts';
import { resent, type Role } from './facts.ts';

const idle = { bare: 's', plausibleMs: IDLE_MS } as const;
const patient = { bare: 's', plausibleMs: PATIENCE_MS } as const;

/** A message of that length, unless a file says more: what `live-active` and `vanish-busy` send. */
const MESSAGE_BYTES = 1_024;
const FLAT_OUT = 'flat-out';

/** How often its application sends a message, or as fast as it can. */
const sends: PresetOption<number | typeof FLAT_OUT> = {
  ...time('1s', `A message of ${MESSAGE_BYTES} bytes every so often, or ${FLAT_OUT}.`, idle),
  default: FLAT_OUT,
  expected: `a duration such as 30s, or ${FLAT_OUT}`,
  read: (text) => (text === FLAT_OUT ? FLAT_OUT : time('1s', '', idle).read(text)),
  spell: (value) => (value === FLAT_OUT ? FLAT_OUT : formatDuration(value)),
};

const sending = (direction: 'client' | 'server') =>
  fact(sends, (value) => ({
    sends:
      value === FLAT_OUT
        ? { kind: 'saturated', messageBytes: 65_536 }
        : { kind: 'periodic', bytes: MESSAGE_BYTES, everyMs: value, direction },
  }));

const heartbeat = fact(
  time('30s', 'It sends a ping or a heartbeat of its own so often.', { bare: 's' }),
  (heartbeatMs) => ({ heartbeatMs }),
);
const pool = fact(
  timeOrOff('60s', 'Its pool keeps an idle connection so long; infinity: for ever.', {
    bare: 's',
    plausibleMs: AGE_MS,
  }),
  (poolIdleMs) => ({ poolIdleMs }),
);

const resends = fact(
  word('idempotent', 'Requests on a kept connection that were reset, and go out again.', resent),
  (which) => ({ resends: which }),
);

const neverSends = fact(
  word('pong', 'A sign of life that it never gives: its library or application knows none.', [
    ...withheldSigns,
    'anything',
  ]),
  (sign) => ({ neverSends: sign === 'anything' ? withheldSigns : [sign] }),
);

/** By role. Whatever a system has under a name of its own is meant first. */
export const commonOptions: Readonly<Record<Role, OptionTable>> = {
  client: {
    heartbeat,
    heartbeat_put_off_by: fact(
      word('received', 'Each message that it receives starts the interval of its heartbeat anew.', [
        'received',
      ]),
      (heartbeatPutOffBy) => ({ heartbeatPutOffBy }),
    ),
    never_sends: neverSends,
    pool,
    resends,
    timers: fact(
      word('process', 'Whose timers: those of a page run once a minute in a hidden tab.', [
        'process',
        'page',
      ]),
      (timers) => ({ timers }),
    ),
    read_timeout: fact(
      time('60s', 'It hears nothing for so long and gives the server up.', idle),
      (readTimeoutMs) => ({ readTimeoutMs }),
    ),
    sends: sending('client'),
    reads: fact(
      count(100_000, 'It reads no slower than so many bytes per second.', {
        min: 1,
        max: MAX_BYTES,
      }),
      (readsBytesPerSecond) => ({ readsBytesPerSecond }),
    ),
  },
  box: {},
  proxy: {
    heartbeat,
    pool,
    resends,
    reload_every: fact(
      time('20m', 'It is reloaded, or its connections are moved, so often by the clock.', {
        bare: 's',
        plausibleMs: AGE_MS,
      }),
      (reloadEveryMs) => ({ reloadEveryMs }),
    ),
    reload_grace: fact(
      timeOrOff('off', 'What a reload leaves the connections that stand; off: until they end.', {
        bare: 's',
        minMs: 0,
        plausibleMs: STOP_MS,
      }),
      (reloadGraceMs) => ({ reloadGraceMs }),
    ),
    speaks: fact(
      word('http2', 'The innermost protocol that it ends: HTTP/2 pings pass tcp.', [
        'http2',
        'tcp',
      ]),
      (speaks) => ({ speaks }),
    ),
  },
  server: {
    keep_alive: fact(
      time('60s', 'It keeps an idle HTTP connection so long for the next request.', idle),
      (httpKeepAliveMs) => ({ httpKeepAliveMs }),
    ),
    min_ping: fact(
      time('5m', 'The least time between two pings of a client that it forgives.', { bare: 's' }),
      (minPingMs) => ({ minPingMs }),
    ),
    read_timeout: fact(
      time('60s', 'A client may say nothing for so long, whatever else it does.', idle),
      (readTimeoutMs) => ({ readTimeoutMs }),
    ),
    write_wait: fact(time('10s', 'One write may take so long.', patient), (writeWaitMs) => ({
      writeWaitMs,
    })),
    close_timeout: fact(
      time('30s', 'The answer to its Close frame is waited for so long.', patient),
      (closeTimeoutMs) => ({ closeTimeoutMs }),
    ),
    platform: fact(
      word('linux', 'Where it runs; some mechanisms exist on Linux only.', ['linux', 'other']),
      (platform) => ({ platform }),
    ),
    never_sends: neverSends,
    sends: sending('server'),
  },
  orchestrator: {
    preStop: fact(
      time('5s', 'What a hook takes of the grace before SIGTERM.', { bare: 's', minMs: 0 }),
      (preStopMs) => ({ preStopMs }),
    ),
  },
};
