/** What a host may tell the reaper's machine, as columns of a table for one mechanism, number 0. */
import type { HostEvent } from '../../model/mechanisms/region/events.ts';

/** `life` and `skip`: the mechanism's masks, LifeBit. */
export function hostEvents(life: number, skip: number): { name: string; event: HostEvent }[] {
  const reading = {
    mechanism: 0,
    queueEmpty: false,
    moved: false,
    established: true,
    overSoft: false,
    overHard: false,
  };
  return [
    { name: 'LIFE', event: { type: 'RECEIVED', lifeBits: life & ~skip } },
    { name: 'SKIP', event: { type: 'RECEIVED', lifeBits: skip & ~life } },
    { name: 'BOTH', event: { type: 'RECEIVED', lifeBits: skip | life } },
    { name: 'OTHER', event: { type: 'RECEIVED', lifeBits: 0 } },
    { name: 'PING_WRITTEN', event: { type: 'PING_WRITTEN' } },
    { name: 'PING_SENT', event: { type: 'PING_SENT' } },
    { name: 'MESSAGE_SENT', event: { type: 'MESSAGE_SENT' } },
    { name: 'SEND_ACCEPTED', event: { type: 'SEND_ACCEPTED' } },
    { name: 'SEND_BLOCKED', event: { type: 'SEND_BLOCKED' } },
    { name: 'SOME_DRAINED', event: { type: 'SEND_DRAINED', all: false } },
    { name: 'ALL_DRAINED', event: { type: 'SEND_DRAINED', all: true } },
    { name: 'REQUESTED', event: { type: 'REQUESTED' } },
    { name: 'REPLIED', event: { type: 'REPLIED' } },
    { name: 'BORROWED', event: { type: 'BORROWED' } },
    { name: 'STUCK', event: { type: 'SAMPLED', ...reading } },
    { name: 'MOVED', event: { type: 'SAMPLED', ...reading, moved: true } },
    { name: 'EMPTY', event: { type: 'SAMPLED', ...reading, queueEmpty: true } },
    { name: 'LEFT', event: { type: 'SAMPLED', ...reading, established: false } },
    { name: 'SOFT', event: { type: 'SAMPLED', ...reading, overSoft: true } },
    { name: 'HARD', event: { type: 'SAMPLED', ...reading, overSoft: true, overHard: true } },
    { name: 'STOP', event: { type: 'STOP' } },
  ];
}
