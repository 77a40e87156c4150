/** A chain of timeouts, as its files were until stacks took their place: the same in one line, for who still has one. */

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a hop by kind, and the options that say the same. */
const options: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  client: {
    heartbeatMs: 'heartbeat',
    timers: 'timers',
    readTimeoutMs: 'read_timeout',
    poolIdleMs: 'pool',
  },
  middlebox: { idleMs: 'idle', atExpiry: 'at_expiry' },
  proxy: {
    idleMs: 'idle',
    atExpiry: 'at_expiry',
    poolIdleMs: 'pool',
    heartbeatMs: 'heartbeat',
    speaks: 'speaks',
  },
  server: {
    platform: 'platform',
    httpKeepAliveMs: 'keep_alive',
    minPingMs: 'min_ping',
    readTimeoutMs: 'read_timeout',
    writeWaitMs: 'write_wait',
    closeTimeoutMs: 'close_timeout',
  },
  orchestrator: { graceMs: 'terminationGracePeriodSeconds', preStopMs: 'preStop' },
};

const words: Readonly<Record<string, string>> = { middlebox: 'nat', orchestrator: 'kubernetes' };

function valueOf(value: unknown, field: string): string {
  if (value === null) return 'infinity';
  return typeof value === 'number' && field.endsWith('Ms') ? `${value}ms` : String(value);
}

function elementOf(hop: Fields): string {
  const kind = String(hop['kind']);
  const preset = /^([^()]+)(?:\((.*)\))?$/.exec(String(hop['preset'] ?? ''));
  const own = hop['policy'] === undefined ? undefined : './policy.json';
  const word = preset?.[1] ?? own ?? words[kind] ?? kind;
  const set = Object.entries(options[kind] ?? {}).flatMap(([field, option]) =>
    hop[field] === undefined ? [] : [`${option}=${valueOf(hop[field], field)}`],
  );
  const all = [...(preset?.[2] === undefined ? [] : [preset[2]]), ...set].join(', ');
  return all === '' ? word : `${word}(${all})`;
}

/** The one-line form; null where the hops are none. */
export function stackOfChain(json: unknown): string | null {
  const { hops, rttMs } = json as Fields;
  if (!Array.isArray(hops) || !hops.every((hop) => typeof hop === 'object' && hop !== null)) {
    return null;
  }
  const all = hops as readonly Fields[];
  const parts = all.filter(({ kind }) => kind !== 'orchestrator').map(elementOf);
  const stop = all.filter(({ kind }) => kind === 'orchestrator').map(elementOf)[0];
  if (all.every(({ kind }) => kind !== 'client')) parts.unshift('client');
  if (rttMs !== undefined) parts.splice(1, 0, `path(rtt=${valueOf(rttMs, 'rttMs')})`);
  return `${parts.join(' > ')}${stop === undefined ? '' : ` @ ${stop}`}`;
}
