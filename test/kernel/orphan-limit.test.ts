/**
 * net.ipv4.tcp_max_orphans. Expectations are the rules of tcp_check_oom and tcp_out_of_resources: a close beyond the
 * limit resets; at an expiry the count is shifted once for a connection that has sent nothing for two rtoMax or whose
 * own time is up, and once for a soft error; the reset is left out only where the own time is up, nothing was sent for
 * 60 s and the window is open.
 */
import { describe, expect, it } from 'vitest';
import type { KernelConfig } from '../../sim/kernel/types.ts';
import { Pair, type Sent } from './pair.ts';

const SECOND = 1_000_000;

function orphanage(
  maxOrphans: number,
  otherOrphans: number,
  more: Partial<KernelConfig> = {},
): Pair {
  const sysctls = { 'net.ipv4.tcp_max_orphans': maxOrphans, ...more.sysctls };
  return new Pair({ rttUs: 50_000, config: { ...more, sysctls, otherOrphans } }).connect();
}

function resets(pair: Pair, fromUs = SECOND): Sent[] {
  return pair.fromServer(fromUs).filter((one) => one.flags.includes('R'));
}

describe('close with more orphans than allowed', () => {
  it('sends the FIN and a reset after it, and the socket is gone', () => {
    const pair = orphanage(4, 5);
    pair.server.socket.close();
    expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
    const flags = pair.fromServer(SECOND).map((one) => one.flags);
    expect(flags).toEqual(['F.', 'R.']);
    pair.runFor(SECOND);
    // The FIN came first: RST in CLOSE_WAIT is EPIPE (tcp_reset).
    expect(pair.clientOwner.failure?.errno).toBe('EPIPE');
  });

  it('leaves it alone at the limit: the closing socket itself is not counted yet', () => {
    const pair = orphanage(5, 5);
    pair.server.socket.close();
    expect(pair.serverOwner.releasedUs).toBeNull();
    expect(resets(pair)).toEqual([]);
  });

  it('does not touch a light sock: FIN_WAIT2 of up to 60 s is no orphan', () => {
    const pair = orphanage(0, 0);
    pair.server.socket.close();
    // The FIN is acknowledged after 50 ms; the client keeps its side open.
    pair.runFor(30 * SECOND);
    expect(pair.serverOwner.releasedUs).toBeNull();
    expect(resets(pair)).toEqual([]);
  });

  it('resets one that waits in FIN_WAIT2 as a full socket', () => {
    const pair = orphanage(5, 6, { sysctls: { 'net.ipv4.tcp_fin_timeout': 90 } });
    pair.server.socket.shutdownWrite();
    pair.runFor(SECOND);
    pair.server.socket.close();
    expect(pair.serverOwner.releasedUs).toBe(pair.scheduler.nowUs);
    expect(resets(pair)).toHaveLength(1);
  });
});

describe('an orphan whose write timer expires', () => {
  it('is counted itself by then, and reset at its first timeout', () => {
    const pair = orphanage(0, 0);
    pair.cut();
    const closedUs = pair.scheduler.nowUs;
    pair.server.socket.close();
    pair.runFor(10 * SECOND);
    // The FIN, its tail loss probe, and at the timeout the reset in place of a retransmission.
    const sent = pair.fromServer(closedUs).map((one) => one.why);
    expect(sent).toEqual(['fin', 'tlp', 'reset']);
    expect(pair.serverOwner.releasedUs).toBe(resets(pair)[0]?.atUs);
  });

  it('lives its own time where one orphan is allowed', () => {
    const pair = orphanage(1, 0);
    pair.cut();
    pair.server.socket.close();
    pair.runFor(80 * SECOND);
    expect(pair.serverOwner.releasedUs).toBeNull();
  });

  it('counts twice with a soft error', () => {
    const pair = orphanage(1, 0);
    pair.cut();
    pair.server.socket.close();
    pair.runFor(SECOND);
    expect(pair.serverOwner.releasedUs).toBeNull();
    pair.server.receiveIcmp('port-unreachable', 1);
    pair.runFor(10 * SECOND);
    expect(pair.serverOwner.releasedUs).not.toBeNull();
    expect(resets(pair)).toHaveLength(1);
  });

  it('is reset behind a shut window, at the next probe', () => {
    const pair = orphanage(0, 0);
    pair.clientOwner.reading = false;
    pair.send(400_000);
    pair.runFor(5 * SECOND);
    expect(pair.info().unacked).toBe(0);
    const closedUs = pair.scheduler.nowUs;
    pair.server.socket.close();
    pair.runFor(20 * SECOND);
    expect(resets(pair)).toHaveLength(1);
    expect(pair.fromServer(closedUs, 'window-probe')).toEqual([]);
  });

  it('counts twice once it has sent nothing for two rtoMax: a FIN is nothing', () => {
    // Of one orphan allowed there is one. Expiries come 120.8 s apart from about 128 s on; 2 · 120 s after the handshake
    // the next one counts it twice, long before its own time (tcp_orphan_retries 15: 924.6 s).
    const pair = orphanage(1, 0, { sysctls: { 'net.ipv4.tcp_orphan_retries': 15 } });
    pair.cut();
    pair.server.socket.close();
    pair.runFor(400 * SECOND);
    const resetUs = resets(pair)[0]?.atUs ?? 0;
    expect(resetUs).toBeGreaterThan(240 * SECOND);
    expect(resetUs).toBeLessThan(361 * SECOND);
    expect(pair.serverChanges.at(-1)).toBe('orphan-limit-reached');
  });

  it('goes without a word when its own time is up as well', () => {
    // tcp_orphan_retries 9: 204.6 s. The expiry at about 248 s finds it silent for more than 240 s.
    const pair = orphanage(1, 0, { sysctls: { 'net.ipv4.tcp_orphan_retries': 9 } });
    pair.cut();
    pair.server.socket.close();
    pair.runFor(400 * SECOND);
    expect(pair.serverOwner.releasedUs).not.toBeNull();
    expect(resets(pair)).toEqual([]);
    expect(pair.serverChanges.at(-1)).toBe('orphan-dropped');
  });

  it('says a last word where it has sent data within the minute', () => {
    // With rtoMax at 2 s data is sent again every 2 s, the last time far less than 60 s ago.
    const pair = orphanage(1, 0, {
      sysctls: { 'net.ipv4.tcp_orphan_retries': 4, 'net.ipv4.tcp_rto_max_ms': 2000 },
    });
    pair.cut();
    pair.send(100);
    pair.server.socket.close();
    pair.runFor(60 * SECOND);
    expect(resets(pair)).toHaveLength(1);
    expect(pair.serverChanges.at(-1)).toBe('orphan-limit-reached');
  });
});
