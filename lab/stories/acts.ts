/** What of a story can be done to real processes and to the wire between them, and why the rest cannot. */
import type { ChildProcess } from 'node:child_process';
import { faultKindOf, silenceKindOf } from '../../model/faults/index.ts';
import type { Act } from '../../model/faults/acts.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import type { Hosts } from './wire.ts';

/** The connection it is done to. */
export interface Victim {
  readonly hosts: Hosts;
  readonly index: number;
  readonly client: ChildProcess;
  readonly server: ChildProcess;
}

type Carry = (victim: Victim, act: Act, lengthMs: number) => unknown;

function tell(child: ChildProcess, act: object): void {
  child.stdin?.write(`${JSON.stringify(act)}\n`);
}

/** By the name of the act. A client whose power or address is gone is one of whom nothing is heard any more. */
const CARRIED: Readonly<Partial<Record<Act['act'], Carry>>> = {
  cut: ({ hosts, index }, act) => (act.act === 'cut' ? hosts.cut(index, act) : undefined),
  heal: ({ hosts, index }) => hosts.heal(index),
  'lose-address': ({ hosts, index }) => hosts.cut(index, { toClient: true, toServer: true }),
  'power-off': ({ hosts, index }) => hosts.cut(index, { toClient: true, toServer: true }),
  'freeze-process': ({ client }) => client.kill('SIGSTOP'),
  'stop-process': ({ client }) => client.kill('SIGSTOP'),
  'resume-process': ({ client }) => client.kill('SIGCONT'),
  'crash-process': ({ client }) => client.kill('SIGKILL'),
  'client-closes': ({ client }, act) => tell(client, act),
  'client-half-closes': ({ client }, act) => tell(client, act),
  'read-paced': ({ client }, act) => tell(client, act),
  'read-at-rate': ({ client }, act) => tell(client, act),
  'stall-server': ({ server }, act, lengthMs) => tell(server, { ...act, lengthMs }),
  // It ends by itself after its time.
  'resume-server': () => undefined,
  'starve-server': ({ server }) => server.kill('SIGSTOP'),
  'feed-server': ({ server }) => server.kill('SIGCONT'),
};

/** What a story does at its instant, and at its end, if it has one. */
export interface Deed {
  readonly begins: readonly Act[];
  readonly ends: readonly Act[];
  /** Between the two, ms; null = for ever. */
  readonly lengthMs: number | null;
}

/** What the story of a scenario does. */
export function deedOf(scenario: Scenario): Deed {
  if (scenario.kind === 'fault') {
    const { fault } = scenario;
    return { begins: faultKindOf(fault).acts(fault), ends: [], lengthMs: null };
  }
  const { silence } = scenario;
  const kind = silenceKindOf(silence);
  return {
    begins: kind.begins(silence),
    ends: kind.ends(silence),
    lengthMs: kind.lengthMs(silence),
  };
}

/** Why real processes on a real wire cannot play this; undefined where they can. */
export function unplayable(scenario: Scenario): string | undefined {
  const { story, path, load } = scenario;
  if (story.kind !== 'connection') return 'it is a story of more than one connection at a time';
  if ((scenario.proxies ?? []).length > 0) return 'there are proxies in it';
  if ((scenario.boxes ?? []).length > 0) return 'there are boxes in it';
  if ((path.jitterMs ?? 0) > 0 || path.risesToMs !== undefined || path.mtuBytes !== undefined) {
    return 'its wire does more than delay and lose';
  }
  if (load.kind === 'saturated' && path.rttMs > 0 && scenario.server.sendPath === 'locked') {
    return 'its server holds a lock while it sends';
  }
  if (scenario.kind === 'fault') {
    const { by } = faultKindOf(scenario.fault).instant(scenario.fault);
    if (by === 'opening') return 'it happens before the connection is open';
    if (by === 'box') return 'a box on the way chooses its instant';
  }
  const { begins, ends } = deedOf(scenario);
  const unknown = [...begins, ...ends].find(({ act }) => CARRIED[act] === undefined);
  return unknown === undefined
    ? undefined
    : `nothing here can do this: ${unknown.act.replaceAll('-', ' ')}`;
}

/** Does it, and answers when it is done. */
export async function carryOut(
  acts: readonly Act[],
  victim: Victim,
  lengthMs: number,
): Promise<void> {
  for (const act of acts) await CARRIED[act.act]?.(victim, act, lengthMs);
}
