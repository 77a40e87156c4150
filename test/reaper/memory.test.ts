/** An instance that takes up another's memory goes on as that one does. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compileReaper, LifeBit } from '../../model/reaper/index.ts';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import type { ReaperInstance } from '../../model/reaper/index.ts';
import { report } from './engine-driver.ts';
import { anyMechanisms, GRID_MS, policyOf } from './arbitrary-policy.ts';
import { cases } from '../support/property.ts';

/** What a host may call, besides `advance` and `sampled`. */
const reports: Readonly<Record<string, HostEvent>> = {
  pong: { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Pong },
  ping: { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Ping },
  message: { type: 'RECEIVED', lifeBits: LifeBit.AnyByte | LifeBit.Message },
  sent: { type: 'MESSAGE_SENT' },
  written: { type: 'PING_WRITTEN' },
  accepted: { type: 'SEND_ACCEPTED' },
  blocked: { type: 'SEND_BLOCKED' },
  drained: { type: 'SEND_DRAINED', all: true },
  requested: { type: 'REQUESTED' },
  replied: { type: 'REPLIED' },
  borrowed: { type: 'BORROWED' },
};
const calls = fc.array(
  fc.oneof(
    fc.constantFrom('advance', 'advance', 'sampled'),
    fc.constantFrom(...Object.keys(reports)),
  ),
  { maxLength: 20 },
);

/** One call every grid step; what it left, in words. */
function drive(reaper: ReaperInstance, all: readonly string[], fromUs: number): string[] {
  return all.map((call, index) => {
    const nowUs = fromUs + (index + 1) * GRID_MS * 1000;
    const event = reports[call];
    if (event !== undefined) report(reaper, event, nowUs);
    else if (call === 'advance') reaper.advance(nowUs);
    else {
      const [queueBytes, userQueueBytes] = [1, 500 * (index % 3)];
      const sample = { queueBytes, userQueueBytes, bytesAcked: index % 3, established: true };
      reaper.sampled(sample, nowUs);
    }
    return `${reaper.deadlineUs} ${reaper.effects.slice(0, reaper.effectCount).join()}`;
  });
}

const draws = fc.nat(15).map((sixteenths) => sixteenths / 16);

it('an instance recalls a memory whole', () => {
  fc.assert(
    fc.property(
      anyMechanisms,
      draws,
      calls,
      calls,
      calls,
      (mechanisms, draw, before, after, detour) => {
        const compiled = compileReaper(policyOf(...mechanisms));
        const [reaper, other] = [compiled.instance(), compiled.instance()];
        reaper.start(0, 0, draw);
        drive(reaper, before, 0);
        const memory = reaper.memory();
        const nowUs = before.length * GRID_MS * 1000;
        const went = drive(reaper, after, nowUs);
        other.start(0, 0);
        drive(other, detour, 0);
        other.recall(memory);
        expect(other.memory()).toEqual(memory);
        expect(drive(other, after, nowUs)).toEqual(went);
        expect(other.memory()).toEqual(reaper.memory());
      },
    ),
    cases(300),
  );
});
