/** Signs of life that would only start the same clocks anew need not each be reported: the last of them will do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostEvent } from '../../model/mechanisms/region/events.ts';
import { LifeBit } from '../../model/reaper/index.ts';
import { asMany } from '../support/effort.ts';
import { cases } from '../support/property.ts';
import { anyMechanisms } from './arbitrary-policy.ts';
import { EngineDriver } from './engine-driver.ts';

const STEP_US = 20_000;

const lifeBits = fc.constantFrom(
  LifeBit.AnyByte,
  LifeBit.Message | LifeBit.AnyByte,
  LifeBit.Pong,
  LifeBit.Ping,
);
const received = lifeBits.map((bits): HostEvent => ({ type: 'RECEIVED', lifeBits: bits }));
const events = fc.array(
  fc.tuple(
    fc.integer({ min: 0, max: 20 }),
    fc.oneof(
      { weight: 6, arbitrary: received },
      {
        weight: 1,
        arbitrary: fc.constantFrom<HostEvent>(
          { type: 'PING_WRITTEN' },
          { type: 'MESSAGE_SENT' },
          { type: 'SEND_BLOCKED' },
          { type: 'SEND_DRAINED', all: true },
        ),
      },
    ),
  ),
  { minLength: 20, maxLength: 80 },
);

/** Reports signs of life that repeat no earlier than something else comes between. */
class SparingDriver extends EngineDriver {
  repeats = 0;
  leftOut = 0;
  #untoldUs = -1;

  override tell(event: HostEvent, nowUs: number): void {
    const bits = event.type === 'RECEIVED' ? event.lifeBits : 0;
    if (bits !== 0 && bits === this.repeats) {
      this.leftOut += 1;
      this.#untoldUs = nowUs;
      return;
    }
    this.#catchUp();
    super.tell(event, nowUs);
    if (bits !== 0 && this.reaper.repeats(bits)) this.repeats = bits;
  }

  override call(nowUs: number): void {
    this.#catchUp();
    // A host that has not looked at the deadline again wakes too early.
    super.call(nowUs);
  }

  #catchUp(): void {
    if (this.#untoldUs >= 0)
      super.tell({ type: 'RECEIVED', lifeBits: this.repeats }, this.#untoldUs);
    this.#untoldUs = -1;
    this.repeats = 0;
  }
}

describe('signs of life that repeat', () => {
  it('need only be reported once more, before whatever comes next', () => {
    let leftOut = 0;
    fc.assert(
      fc.property(anyMechanisms, events, (mechanisms, told) => {
        const each = new EngineDriver(mechanisms);
        const sparing = new SparingDriver(mechanisms);
        let nowUs = 0;
        for (const [steps, event] of told) {
          nowUs += steps * STEP_US;
          each.advance(nowUs - 1);
          sparing.advance(nowUs - 1);
          each.tell(event, nowUs);
          sparing.tell(event, nowUs);
        }
        each.advance(nowUs + 5_000_000);
        sparing.advance(nowUs + 5_000_000);
        expect(sparing.log).toEqual(each.log);
        leftOut += sparing.leftOut;
      }),
      cases(1_000),
    );
    expect(leftOut).toBeGreaterThan(asMany(1_000));
  });
});
