/** Certificates proved anew, and held against the machine that is to run them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { heldAgainstMachine } from '../../adapter/reaper/machine.ts';
import { assumedOf } from '../../model/certificate/assumptions.ts';
import { checkCertificate, type Certificate } from '../../model/certificate/index.ts';
import { presets, type Policy } from '../../model/policy/index.ts';
import { inEnvironment } from '../../model/scenario/environment.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { certify } from '../../proof/certificate.ts';
import { recheck } from '../../proof/check.ts';
import { verify } from '../../proof/verify.ts';
import { scenarios } from '../../scenarios/catalog/index.ts';

const policy = presets['sweep-and-pong-timer'] as Policy;
const vanish = scenarios['vanish-busy'] as Scenario;
const outage = scenarios['live-outage-9s'] as Scenario;
/** Loss is not explored: nothing is proved there. */
const lossy = { ...vanish, name: 'lossy', path: { rttMs: 50, lossPercent: 1 } } as Scenario;

let certificate: Certificate;
beforeAll(() => {
  const on = [vanish, outage, lossy];
  certificate = certify(policy, verify(policy, { scenarios: on, runs: 2, phases: 2 }), on);
});

describe('a certificate', () => {
  it('says what was proved, where, and what was only sampled', () => {
    expect(certificate.rows.map(({ scenario }) => scenario)).toEqual([vanish.name, outage.name]);
    expect(certificate.sampledOnly).toEqual(['lossy']);
    expect(certificate.scenarios).toEqual([vanish, outage]);
    expect(certificate.assumes).toHaveLength(1);
    // The defaults of tcp(7).
    expect(certificate.assumes[0]).toMatchObject({ profile: '6.18', hz: 250 });
    expect(certificate.assumes[0]?.sysctls).toMatchObject({
      'net.ipv4.tcp_retries2': 15,
      'net.ipv4.tcp_orphan_retries': 0,
      'net.ipv4.tcp_fin_timeout': 60,
    });
    expect(checkCertificate(JSON.parse(JSON.stringify(certificate)), '').ok).toBe(true);
  });

  it('says each kernel once, and that of a changed environment', () => {
    const other = inEnvironment(vanish, {
      hz: 1000,
      serverSysctls: { 'net.ipv4.tcp_retries2': 8 },
    });
    if (!other.ok) throw new Error('the environment is a kernel’s');
    const assumed = assumedOf([vanish, outage, other.value]);
    expect(assumed.map(({ hz }) => hz)).toEqual([250, 1000]);
    expect(assumed[1]?.sysctls['net.ipv4.tcp_retries2']).toBe(8);
  });

  it('is proved anew from itself alone', () => {
    const found = recheck(certificate);
    expect(found.holds).toBe(true);
    const [busy, silence] = found.rows;
    expect(busy?.numbers.decided).toMatchObject({ proved: true, holds: true });
    expect(busy?.numbers.decided?.provedMs).toBe(busy?.numbers.decided?.certifiedMs);
    expect(silence?.numbers.decided).toBeUndefined();
    expect(silence?.numbers.tolerance).toMatchObject({ proved: true, holds: true });
  });

  it('does not hold where it states a shorter ghost, a longer silence, or a scenario that it has lost', () => {
    const told = (change: (row: Certificate['rows'][number]) => Certificate['rows'][number]) =>
      recheck({ ...certificate, rows: certificate.rows.map(change) });
    const shorter = told((row) => ({
      ...row,
      stated: { ...row.stated, released: { ...row.stated.released, maxMs: 1_000 } },
    }));
    expect(shorter.rows.map(({ holds }) => holds)).toEqual([false, true]);
    const longer = told((row) => ({
      ...row,
      stated: { ...row.stated, tolerance: { ...row.stated.tolerance, proved: true, maxMs: null } },
    }));
    expect(longer.rows[1]?.holds).toBe(false);
    expect(recheck({ ...certificate, scenarios: [vanish] }).rows[1]?.holds).toBe(false);
    const careful = told((row) => ({
      ...row,
      stated: { ...row.stated, decided: { ...row.stated.decided, maxMs: 3_600_000 } },
    }));
    expect(careful.holds).toBe(true);
  });
});

describe('a machine', () => {
  /** One with the settings that are assumed, but for these. */
  function machine(others: Readonly<Record<string, number | undefined>>) {
    const [assumed] = certificate.assumes;
    return heldAgainstMachine(certificate, (name) =>
      name in others ? others[name] : assumed?.sysctls[name],
    );
  }

  it('with the settings that are assumed is one that the certificate speaks of; its tick is only told', () => {
    const { differs, unchecked } = machine({});
    expect(differs).toEqual([]);
    expect(unchecked[0]).toBe('HZ = 250 (no process can read it)');
  });

  it('with another setting is none of them, and the issue says which', () => {
    const { differs } = machine({ 'net.ipv4.tcp_retries2': 8, 'net.ipv4.tcp_orphan_retries': 3 });
    expect(differs.map(({ path, received }) => [path, received])).toEqual([
      ['certificate: assumes net.ipv4.tcp_retries2', '8'],
      ['certificate: assumes net.ipv4.tcp_orphan_retries', '3'],
    ]);
  });

  it('that does not show a setting is told so', () => {
    const { differs, unchecked } = machine({ 'net.ipv4.tcp_rto_max_ms': undefined });
    expect(differs).toEqual([]);
    expect(unchecked).toContain('net.ipv4.tcp_rto_max_ms = 120000 (it cannot be read here)');
  });

  it('has to be one of several that are assumed', () => {
    const [first] = certificate.assumes;
    if (first === undefined) throw new Error('a kernel is assumed');
    const sysctls: Readonly<Record<string, number>> = {
      ...first.sysctls,
      'net.ipv4.tcp_retries2': 8,
    };
    const other = { ...first, sysctls };
    const both = { ...certificate, assumes: [first, other] };
    expect(heldAgainstMachine(both, (name) => sysctls[name]).differs).toEqual([]);
    expect(heldAgainstMachine(certificate, (name) => sysctls[name]).differs).toHaveLength(1);
  });
});
