/**
 * What can be done to a recorded connection: by whom, what, and with which arguments. The plan of a recording
 * (`config.actions`) and its log speak of the same actions.
 */
import { boolean, choice, integer, number, type Word } from '../schema/words.ts';
import { recordedOptions } from './options.ts';

/** Bytes of one write, and seconds between two: what can be played in reasonable time. */
const bytes = integer('Bytes.', 1, 2 ** 30);
const intervalS = number('Seconds between two.', 0.001, 1e5);
const side = choice('Whose.', ['server', 'client']);
const delayMs = number('One way, ms.', 0, 60_000);
const packets = integer('So many packets.', 1, 1e6);
const icmpKinds = [
  'net-unreachable',
  'host-unreachable',
  'port-unreachable',
  'time-exceeded',
  'net-prohibited',
  'host-prohibited',
  'admin-prohibited',
] as const;

/** One action. */
export interface ActionRow {
  readonly args: readonly Word[];
  /** So many of the arguments must be there; all unless said. */
  readonly needs?: number;
  readonly effect: string;
}

const ofSide = { args: [side], needs: 0 } as const;

/** By who does it (`process`: server or client) and what is done. */
export const actionTable = {
  'wire drop': { ...ofSide, effect: 'what the side sends vanishes; both, if none is named' },
  'wire pass': { ...ofSide, effect: 'it arrives again' },
  'wire delay': { args: [delayMs, side], needs: 1, effect: 'from now on a packet takes so long' },
  'wire loss': {
    args: [number('Share of the packets.', 0, 1), side],
    needs: 1,
    effect: 'single packets are lost: those that the recording shows as dropped',
  },
  'wire lose': { args: [packets, side], needs: 1, effect: 'the next packets are lost' },
  'wire duplicate': { args: [packets, side], needs: 1, effect: 'the next packets arrive twice' },
  'wire icmp': {
    args: [choice('What is wrong.', icmpKinds), side],
    needs: 1,
    effect: 'what the side sends is answered with an ICMP error',
  },
  'link down': { ...ofSide, needs: 1, effect: "the side's own interface goes down" },
  'link up': { ...ofSide, needs: 1, effect: 'and up again' },
  'host qdisc': {
    args: [side, choice('Parameters of tc(8).', ['pfifo limit 0', 'pfifo', 'none'])],
    effect: "the side's own queue drops all (`pfifo limit 0`), or nothing again",
  },
  'host netfilter': {
    args: [side, boolean('Whether it drops.')],
    effect: "a rule in the side's own OUTPUT chain drops all",
  },
  'process write': { args: [bytes], effect: 'n bytes, as the socket takes them' },
  'process pattern': {
    args: [intervalS, bytes],
    effect: 'n bytes at once and then every interval seconds',
  },
  'process trickle': {
    args: [bytes, intervalS],
    effect: 'reads n bytes every interval seconds, nothing else',
  },
  'process freeze': { args: [], effect: 'stops reading' },
  'process thaw': { args: [], effect: 'reads again' },
  'process set': { args: [recordedOptions], effect: 'setsockopt(2)' },
  'process close': { args: [], effect: 'close(2)' },
  'process shutdown': { args: [], effect: 'end of writing' },
  'process abort': { args: [], effect: 'gone without a packet, as after a loss of power' },
} as const satisfies Record<string, ActionRow>;

export type ActionName = keyof typeof actionTable;

/** The name of a process at one end, whichever. */
const processes: ReadonlySet<string> = new Set(['server', 'client']);

/** The row's name; null = nobody knows such an action. */
export function actionName(who: string, what: string): ActionName | null {
  const name = `${processes.has(who) ? 'process' : who} ${what}`;
  return Object.hasOwn(actionTable, name) ? (name as ActionName) : null;
}
