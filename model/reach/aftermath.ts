/** What each fault leaves of the other side, for the exploration; what it does not speak of, it refuses. */
import { faultKindOf } from '../faults/index.ts';
import type { Remains } from '../faults/kind.ts';
import { PAGE_BUFFER_BYTES } from '../scenario/reading.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
import { clientSpeaks, oneWay } from './one-way.ts';
import type { Aftermath } from './cell.ts';
import type { Setting, Span } from './setting.ts';
import { Silent } from './state.ts';

/** What a fault does at its instant. */
export interface Strike {
  readonly aftermath: Aftermath;
  /** Which sources say nothing any more, as bits of Silent. */
  readonly silences: number;
  /** Whether answers to what was sent before it are still heard however late they leave. */
  readonly answersArrive: boolean;
  /** Whether the kernel gives up what it has in flight; one that is answered never does. */
  readonly retransmits: boolean;
  /** The server is told so soon after it: a reset or a FIN of the other side; null = it is not. */
  readonly toldAfterUs: number | null;
  /** The peer's side of the stream has ended so soon after it, and the server keeps its own; null = it has not. */
  readonly halfClosedAfterUs: number | null;
  /** A proxy takes so much before its own buffer is full, bytes. */
  readonly swallowsBytes: number;
  /** The page has room for what is written for so long; null = no page. */
  readonly pageFillsUs: Span | null;
  /** The client's process is gone and its kernel goes on for it: it may reset what it gets. */
  readonly processGone: boolean;
  /** The peer is back so long after it; Infinity = never. */
  readonly lastsUs: number;
}

const US_PER_MS = 1_000;

/** Nothing of the other side is heard any more, and nothing arrives there. */
const gone: Strike = {
  aftermath: { acknowledges: false, resets: null, refusal: null, oneWay: null, said: 'gone' },
  silences: Silent.All,
  answersArrive: false,
  retransmits: true,
  toldAfterUs: null,
  halfClosedAfterUs: null,
  swallowsBytes: 0,
  pageFillsUs: null,
  processGone: false,
  lastsUs: Infinity,
};

/** Whether its library goes on answering for an application that takes nothing, until it holds all that it can. */
export function isPage({ silences }: Strike): boolean {
  return silences === Silent.Application;
}

const told: Aftermath = {
  acknowledges: false,
  resets: null,
  refusal: null,
  oneWay: null,
  said: 'told',
};

/** Its kernel takes and acknowledges all that comes. */
export const silent: Strike = {
  ...gone,
  aftermath: { acknowledges: true, resets: null, refusal: null, oneWay: null, said: 'gone' },
  retransmits: false,
};

/** @throws NotModelled with the reason */
export function strikeOf(scenario: FaultScenario, setting: Setting): Strike {
  const { fault, server } = scenario;
  const kind = faultKindOf(fault);
  if (kind.instant(fault).by === 'opening') {
    throw new NotModelled('an opening that is never finished has no healthy life before it');
  }
  if (kind.changes !== undefined) throw new NotModelled(kind.changes);
  const { acknowledges, answersPings, isHeard, resets, ends, kernelIsTold } = kind.remains(fault);
  if (ends !== null) {
    const noticesEof = server.closesAtEof !== false;
    return endOf(ends, setting, noticesEof, acknowledges);
  }
  const { writes, full, beats } = setting;
  if (isHeard && beats.length > 0 && full !== null) {
    throw new NotModelled('a client that is heard beside a load without limit');
  }
  const left = acknowledges ? silent : gone;
  return {
    ...left,
    aftermath: {
      ...left.aftermath,
      resets: resets === null ? null : resetOf(resets, setting),
      oneWay: isHeard && clientSpeaks(setting) ? oneWay(setting, scenario) : null,
      refusal: kernelIsTold ? (kind.routerRefuses === true ? 'router' : 'interface') : null,
    },
    silences: answersPings ? Silent.Application : Silent.All,
    answersArrive: isHeard,
    swallowsBytes: kind.swallowsBytes?.(fault) ?? 0,
    pageFillsUs: answersPings && writes !== null ? pageFillsUs(setting, writes) : null,
    lastsUs: (kind.wakesAfterMs?.(fault) ?? Infinity) * US_PER_MS,
  };
}

/** Somebody ends the connection at once, and the server hears of it or has done it. */
function endOf(
  { by, with: how }: NonNullable<Remains['ends']>,
  { toServerUs }: Setting,
  noticesEof: boolean,
  acknowledges: boolean,
): Strike {
  if (by === 'server') return { ...silent, toldAfterUs: 0 };
  const afterUs = by === 'box' ? Math.ceil(toServerUs / 2) : toServerUs;
  // Of a kernel whose process is gone, that it answers: its resets only end lives sooner.
  if (how === 'fin' && !noticesEof) {
    return { ...silent, halfClosedAfterUs: afterUs, processGone: !acknowledges };
  }
  return { ...gone, aftermath: how === 'rst' ? gone.aftermath : told, toldAfterUs: afterUs };
}

/** Whatever comes there is reset: by a host that is back, on the whole way, or by a box. */
function resetOf(
  { by, fromMs }: NonNullable<Remains['resets']>,
  { toClientUs, toServerUs, rttUs }: Setting,
): NonNullable<Aftermath['resets']> {
  if (by === 'box') return { fromUs: fromMs * US_PER_MS, afterUs: toServerUs };
  return { fromUs: Math.max(0, fromMs * US_PER_MS - toClientUs), afterUs: rttUs };
}

/** How long a page that takes nothing has room for what the server writes: then nothing is read any more. */
function pageFillsUs(
  { toClientUs }: Setting,
  { everyUs, bytes }: NonNullable<Setting['writes']>,
): Span {
  const writes = Math.ceil(PAGE_BUFFER_BYTES / bytes);
  return { lo: Math.max(0, writes - 1) * everyUs - toClientUs, hi: writes * everyUs + toClientUs };
}
