import { describe, expect, it } from 'vitest';
import type { PingMechanism } from '../../model/policy/types.ts';
import { programOf } from '../../model/reaper/program.ts';

const ping: PingMechanism = {
  kind: 'ping',
  intervalMs: 30_000,
  after: 'last-ping',
  replyTimeoutMs: 10_000,
  replyClock: 'enqueued',
  life: ['pong'],
};

describe('programOf', () => {
  it('compiles a shape once, whatever its durations', () => {
    expect(programOf({ ...ping, intervalMs: 5_000, replyTimeoutMs: 1 })).toBe(programOf(ping));
  });

  it('tells apart what changes the machine', () => {
    expect(programOf({ ...ping, after: 'last-reply' })).not.toBe(programOf(ping));
    expect(programOf({ ...ping, replyTimeoutMs: null })).not.toBe(programOf(ping));
    expect(programOf({ ...ping, lost: 'verdict' })).not.toBe(programOf(ping));
  });

  it('fits into a few rows', () => {
    // Before the first ping, an answer outstanding, answered, and the end.
    const { next, width } = programOf(ping);
    expect(next.length / width).toBe(4);
  });
});
