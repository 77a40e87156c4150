/**
 * What to set at the systems that somebody runs. What is expected is reckoned from their own documents: socket.io finds a ghost within pingInterval +
 * pingTimeout and half a round trip, nginx ends what is quiet for proxy_read_timeout, and a heartbeat that may be lost once comes twice in it.
 */
import { describe, expect, it } from 'vitest';
import { tuneSettings, type SettingsRequest } from '../../proof/tune/settings.ts';
import { stackOf } from '../support/stack-of.ts';

const tuned = (line: string, names: string, more: Omit<SettingsRequest, 'stack' | 'for'>) =>
  tuneSettings({ stack: stackOf(line), for: names.split(','), ...more });
const lines = (...of: Parameters<typeof tuned>): readonly string[] =>
  tuned(...of).changes.map(({ write }) => write);

describe('what to set', () => {
  it('at nginx, where pings come every 50 s: twice as long', () => {
    const line = 'browser > nginx > socket.io(pingInterval=50s)';
    expect(lines(line, 'nginx', { maxGhostMs: '2m' })).toEqual(['nginx: proxy_read_timeout 120s;']);
    // Or at socket.io, where nginx stays: twice in its 60 s, and every ping comes a round trip after its pong, so 30 s are too many.
    expect(lines(line, 'socket.io', { maxGhostMs: '2m' })).toEqual([
      'socket.io: new Server({ pingInterval: 25000 })',
    ]);
    expect(lines('browser > nginx > socket.io', 'nginx,socket.io', { maxGhostMs: '2m' })).toEqual(
      [],
    );
  });

  it('at socket.io, for a ghost of 30 s: interval and timeout add up to less', () => {
    const {
      met,
      changes,
      rows,
      tuned: line,
    } = tuned('client > socket.io', 'socket.io', {
      maxGhostMs: '30s',
      survive: { outage: '9s' },
    });
    expect(met).toBe(true);
    expect(changes).toEqual([
      {
        party: 'socket.io',
        option: 'pingInterval',
        from: '25s',
        to: '8s',
        write: 'socket.io: new Server({ pingInterval: 8000 })',
      },
    ]);
    expect(rows[0]).toMatchObject({ scenario: 'vanish-idle', statedMs: 28_025, met: true });
    expect(line).toBe('client > socket.io(pingInterval=8s)');
  });

  it('two options, where one does not do', () => {
    const { met, changes, rows } = tuned('client > socket.io', 'server', {
      maxGhostMs: '20s',
      survive: { outage: '4s' },
    });
    expect(met).toBe(true);
    expect(changes.length).toBeGreaterThan(0);
    expect(rows.every((row) => row.met)).toBe(true);
  });

  it('at a client that judges', () => {
    // uilibs/uiprotect#1144: 270 s with a heartbeat of 180 s; half of the interval is the patience.
    const [change] = tuned('aiohttp-client(heartbeat=180s) > server', 'aiohttp-client', {
      maxGhostMs: '60s',
    }).changes;
    expect(change?.option).toBe('heartbeat');
    expect(parseFloat(change?.to ?? '')).toBeLessThanOrEqual(40);
  });
});

describe('no setting', () => {
  it('finds a ghost in 20 s and survives an outage of 30 s: the sum says why', () => {
    const { met, because, changes } = tuned('client > socket.io', 'socket.io', {
      maxGhostMs: '20s',
      survive: { outage: '30s' },
    });
    expect(met).toBe(false);
    expect(because).toMatch(/B of vanish-idle, frozen-idle = .* \+ ping reply .*\) > 20s/);
    expect(changes.length).toBeGreaterThan(0);
  });

  it('of a NAT gateway is anybody’s', () => {
    const line = 'client > aws-nat-gateway > ws(interval=6m)';
    const { met, because } = tuned(line, 'aws-nat-gateway', { maxGhostMs: '20m' });
    expect(met).toBe(false);
    expect(because).toBe('aws-nat-gateway has no option that makes its 350s at least 15m');
  });

  it('is searched at a party that is not there', () => {
    expect(() => tuned('browser > ws', 'nginx', { maxGhostMs: '1m' })).toThrow(
      'one of browser, ws',
    );
  });
});
