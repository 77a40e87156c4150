/** Trace files as they come: fewer fields, thinned packets, mistakes of every kind. Issues, never an exception. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conformTrace, parseKernelTrace, type KernelTrace } from '../../lab/conform/index.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';

const folder = join(import.meta.dirname, '..', 'kernel-traces');

type Json = { [key: string]: unknown };

interface File extends Json {
  config: Json & { actions: unknown[] };
  log: Json[];
  packets: Json[];
}

function fileOf(name: string): File {
  return JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as File;
}

function parsed(file: unknown): KernelTrace {
  const result = parseKernelTrace(JSON.stringify(file), 'some/where/recorded.json');
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

describe('a recording with less in it', () => {
  it('has the name of its file, 0.5 s between samples, and no packets', () => {
    const file = fileOf('idle-keepalive-10-5-3');
    const { name: _name, kernel: _kernel, packets: _packets, ...rest } = file;
    delete file.config['sample_s'];
    const trace = parsed(rest);
    expect([trace.name, trace.sampleS, trace.packets]).toEqual(['recorded', 0.5, []]);
    expect(conformTrace(trace).outcome.sim).toBe('ETIMEDOUT');
  });

  it('agrees by its end alone: no samples, no info', () => {
    const file = fileOf('busy-usertimeout-20');
    file.log = file.log.filter((line) => line['ev'] !== 'sample');
    const row = conformTrace(parsed(file));
    expect(row.pass, row.remarks.join('; ')).toBe(true);
    expect(row.samples.compared).toBe(0);
  });

  it('is played by its plan where nobody noted what was done', () => {
    const file = fileOf('busy-usertimeout-20');
    file.log = file.log.filter((line) => line['ev'] !== 'do' && line['ev'] !== 'act');
    const row = conformTrace(parsed(file));
    expect(row.outcome.sim).toBe('ETIMEDOUT');
    // The write was done within 2 ms of its plan; the wheel puts both into the same buckets.
    expect(row.errorMs).toBeLessThanOrEqual(8);
  });

  it('compares the fields of TCP_INFO that it has', () => {
    const file = fileOf('busy-retries2-5');
    for (const line of file.log) {
      const info = line['info'] as Json | undefined;
      if (info !== undefined) delete info['backoff'];
    }
    const row = conformTrace(parsed(file));
    expect(row.pass, row.remarks.join('; ')).toBe(true);
  });

  it('may lack the packets of a transfer in the middle', () => {
    const file = fileOf('frozen-peer-usertimeout-10');
    file.packets = file.packets.filter((packet, index) => index < 8 || Number(packet['t']) > 0.6);
    const row = conformTrace(parsed(file));
    expect(row.pass, row.remarks.join('; ')).toBe(true);
  });
});

describe('what the simulation does not know is left out and said', () => {
  it('a sysctl, a socket option, an action', () => {
    const file = fileOf('idle-keepalive-10-5-3');
    file.config['server_sysctls'] = { 'net.ipv4.tcp_no_metrics_save': 1, 'net.core.somaxconn': 9 };
    (file.config['server_sockopts'] as Json)['busy_poll'] = 5;
    file.log.push({ t: 0.5, who: 'server', ev: 'do', what: 'dance' });
    const row = conformTrace(parsed(file));
    expect(row.pass).toBe(true);
    const remarks = row.remarks.join('; ');
    for (const name of ['net.core.somaxconn', 'busy_poll', 'server dance']) {
      expect(remarks).toContain(name);
    }
  });
});

describe('congestion control', () => {
  // tcp_stream_is_thin wants to be out of initial slow start: with reno a loss sets the threshold, with bbr nothing does
  // (bbr_ssthresh), so the same silent path is retried with doubling.
  // The timeout r is 0.256 s, the limit of retries2 = 5 12.6 s after the first retransmission. Doubling: the next ones at
  // 2r, 6r, 14r, 30r, dead at 62r: five and the tail loss probe. Thin: six times r, then 8r, 12r, 20r, 36r, dead at 68r:
  // eleven and the probe. Before them the three of the handshake and the segment itself.
  it.each([
    ['bbr', 4 + 6],
    ['cubic', 4 + 12],
  ])('%s: %i packets with a thin stream until retries2 = 5', (name, packets) => {
    const file = fileOf('busy-retries2-5');
    file.config['server_sysctls'] = {
      'net.ipv4.tcp_retries2': 5,
      'net.ipv4.tcp_thin_linear_timeouts': 1,
      'net.ipv4.tcp_congestion_control': name,
    };
    expect(conformTrace(parsed(file)).packets.sim).toBe(packets);
  });
});

describe('mistakes are issues with a path', () => {
  it.each([
    ['config.rtt_ms', (file: File) => (file.config['rtt_ms'] = 'fast')],
    ['config.max_s', (file: File) => (file.config['max_s'] = -1)],
    ['config.watch', (file: File) => (file.config['watch'] = 'router')],
    [
      'config.server_sockopts.keepalive[0]',
      (file: File) => (file.config['server_sockopts'] = { keepalive: [0, 1, 1] }),
    ],
    [
      'config.server_sysctls["net.ipv4.tcp_retries2"]',
      (file: File) => (file.config['server_sysctls'] = { 'net.ipv4.tcp_retries2': 256 }),
    ],
    ['config.actions[0][0]', (file: File) => (file.config.actions = [['soon', 'wire', 'drop']])],
    ['packets[2].seq', (file: File) => ((file.packets[2] as Json)['seq'] = -4)],
    ['log[1].t', (file: File) => ((file.log[1] as Json)['t'] = null)],
    ['jiffies_at_t0', (file: File) => (file['jiffies_at_t0'] = 'many')],
  ])('%s', (path, spoil) => {
    const file = fileOf('reboot-rst-on-write');
    spoil(file);
    const result = parseKernelTrace(JSON.stringify(file), 'x.json');
    const issues = result.ok ? [] : result.issues;
    expect(issues.map((issue) => issue.path)).toContain(`x.json: ${path}`);
  });

  it('a trickle that never lets time pass', () => {
    const file = fileOf('trickle-peer-usertimeout-10');
    file.log.push({ t: 1, who: 'client', ev: 'do', what: 'trickle', args: [10, 0] });
    expect(parseKernelTrace(JSON.stringify(file), 'x.json').ok).toBe(false);
  });
});

/** Every place in a document, as a list of keys. */
function placesOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : Object.entries(value);
  return [path, ...entries.flatMap(([key, item]) => placesOf(item, [...path, key]))];
}

/** The document with one place replaced, or taken out. */
function mutated(document: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy = (Array.isArray(document) ? [...document] : { ...(document as Json) }) as Json;
  if (rest.length === 0 && value === undefined) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else {
    copy[key] = mutated(copy[key], rest, value);
  }
  return copy;
}

describe('fuzz', () => {
  const document = fileOf('reboot-rst-on-write');
  const places = placesOf(document);
  const values = fc.oneof(
    fc.constant(undefined),
    fc.constantFrom(null, true, '', 'server', 'client', 'write', 'S', '-', {}, [], [[]]),
    fc.double({ noDefaultInfinity: true }),
    fc.integer({ min: -5, max: 40 }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const mutations = fc.array(fc.tuple(fc.nat(places.length - 1), values), {
    minLength: 1,
    maxLength: 4,
  });

  it('a mutated trace is read and compared, or refused: no exception', () => {
    let compared = 0;
    fc.assert(
      fc.property(mutations, (changes) => {
        let file: unknown = document;
        for (const [place, value] of changes) {
          const path = places[place] as (string | number)[];
          try {
            file = mutated(file, path, value);
          } catch {
            // The place went with an earlier mutation.
          }
        }
        const result = parseKernelTrace(JSON.stringify(file) ?? '', 'fuzz.json');
        if (!result.ok) {
          const isNamed = result.issues.every((issue) => issue.path.includes('fuzz.json'));
          return isNamed && result.issues.length > 0;
        }
        compared += 1;
        conformTrace({ ...result.value, maxS: Math.min(result.value.maxS, 20) });
        return true;
      }),
      cases(400),
    );
    // The fuzz would prove little if hardly any file were accepted.
    expect(compared).toBeGreaterThan(asMany(20));
  });
});
