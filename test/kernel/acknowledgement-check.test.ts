/** Acknowledgements of what was never sent, or of long ago (RFC 9293 §3.10.7.4, RFC 5961 §5.2): such a segment is not looked at further. */
import { describe, expect, it } from 'vitest';
import { TcpState } from '../../sim/kernel/types.ts';
import { Pair, recordOf } from './pair.ts';

const SECOND = 1_000_000;

function connected(profile: '6.12' | '6.18' = '6.18'): Pair {
  const pair = new Pair({ config: { profile } }).connectByHand(1_000);
  pair.runFor(SECOND);
  return pair;
}

describe('an acknowledgement above SND.NXT', () => {
  it.each([
    ['6.12', 0],
    ['6.18', 1],
  ] as const)('is dropped with its data and its FIN; %s answers %i times', (profile, answers) => {
    const pair = connected(profile);
    const before = pair.fromServer(0).length;
    const { tsRecent } = recordOf(pair.server);
    pair.inject({ ackSeq: 2, length: 100, fin: true, timestampMs: tsRecent + 5_000 });
    pair.runFor(SECOND);
    const sk = recordOf(pair.server);
    expect([sk.rcvNxt, sk.state]).toEqual([1, TcpState.Established]);
    expect(sk.tsRecent).toBe(tsRecent);
    expect(pair.fromServer(0)).toHaveLength(before + answers);
    expect(pair.fromServer(0, 'challenge-ack')).toHaveLength(answers);
  });

  it('is answered with a challenge ACK once the peer has closed', () => {
    const pair = connected();
    pair.inject({ fin: true });
    pair.runFor(SECOND);
    expect(recordOf(pair.server).state).toBe(TcpState.CloseWait);
    const fromUs = pair.scheduler.nowUs;
    pair.inject({ ackSeq: 99 });
    expect(pair.fromServer(fromUs, 'challenge-ack')).toHaveLength(1);
  });
});

describe('an acknowledgement from before the largest window', () => {
  it('is answered with a challenge ACK, and its data is dropped', () => {
    const pair = connected();
    for (let round = 0; round < 3; round += 1) {
      pair.send(1_000);
      pair.inject({ ackSeq: recordOf(pair.server).sndNxt, windowBytes: 1_000 });
      pair.runFor(SECOND);
    }
    recordOf(pair.server).maxWindow = 1_000;
    const fromUs = pair.scheduler.nowUs;
    pair.inject({ ackSeq: 1_500, length: 10 });
    expect(pair.fromServer(fromUs, 'challenge-ack')).toHaveLength(1);
    expect(recordOf(pair.server).rcvNxt).toBe(1);
    pair.inject({ ackSeq: 2_500, length: 10 });
    expect(recordOf(pair.server).rcvNxt).toBe(11);
  });
});
