/** What each fault leaves of the other side, for the exploration; what it does not speak of, it refuses. */
import { PAGE_BUFFER_BYTES } from '../scenario/reading.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { NotModelled } from './not-modelled.ts';
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
  /** Whether the rules of retransmission hold afterwards; else the kernel is taken never to give up. */
  readonly retransmits: boolean;
  /** The server is told so soon after it: a reset or a FIN of the other side; null = it is not. */
  readonly toldAfterUs: number | null;
  /** The peer's side of the stream has ended so soon after it, and the server keeps its own; null = it has not. */
  readonly halfClosedAfterUs: number | null;
  /** A proxy takes so much before its own buffer is full, bytes. */
  readonly swallowsBytes: number;
  /** The page has room for what is written for so long; null = no page. */
  readonly pageFillsUs: Span | null;
  /** The peer is back so long after it; Infinity = never. */
  readonly lastsUs: number;
}

const US_PER_MS = 1_000;

/** Nothing of the other side is heard any more, and nothing arrives there. */
const gone: Strike = {
  aftermath: { acknowledges: false, resets: null, said: 'gone' },
  silences: Silent.All,
  answersArrive: false,
  retransmits: true,
  toldAfterUs: null,
  halfClosedAfterUs: null,
  swallowsBytes: 0,
  pageFillsUs: null,
  lastsUs: Infinity,
};

const told: Aftermath = { acknowledges: false, resets: null, said: 'told' };

/** Its kernel takes and acknowledges all that comes. */
export const silent: Strike = {
  ...gone,
  aftermath: { acknowledges: true, resets: null, said: 'gone' },
  retransmits: false,
};

/** @throws NotModelled with the reason */
export function strikeOf({ fault, server }: FaultScenario, setting: Setting): Strike {
  const { toServerUs, rttUs } = setting;
  const noticesEof = server.closesAtEof !== false;
  switch (fault.kind) {
    case 'vanish':
      if (fault.direction !== 'server-to-client') return gone;
      if (setting.beats.length > 0)
        throw new NotModelled('a client that is heard and hears nothing');
      return { ...gone, answersArrive: true };
    case 'network-change':
      return gone;
    case 'unreachable':
    case 'link-down':
      return { ...gone, retransmits: false };
    case 'host-sleep':
      return { ...gone, lastsUs: fault.lengthMs * US_PER_MS };
    case 'freeze':
      return silent;
    case 'tunnel-dead':
      return { ...silent, swallowsBytes: fault.proxyBufferBytes };
    case 'page-freeze':
      return {
        ...silent,
        silences: Silent.Application,
        pageFillsUs: setting.writes === null ? null : pageFillsUs(setting, setting.writes),
      };
    case 'reboot': {
      const fromUs = Math.max(0, fault.downMs * US_PER_MS - setting.toClientUs);
      return {
        ...gone,
        aftermath: { acknowledges: false, resets: { fromUs, afterUs: rttUs }, said: 'gone' },
      };
    }
    case 'nat-expiry':
      return natStrike(fault.onExpiry ?? 'drop', setting, noticesEof);
    case 'crash':
    case 'half-close':
      // Of a kernel whose process is gone, that it answers: its resets only end lives sooner.
      if (!noticesEof) return { ...silent, halfClosedAfterUs: toServerUs };
      return { ...gone, aftermath: told, toldAfterUs: toServerUs };
    case 'close':
      return { ...gone, aftermath: told, toldAfterUs: toServerUs };
    case 'close-unanswered':
      return { ...silent, toldAfterUs: 0 };
    case 'handshake-abandoned':
      throw new NotModelled('an opening that is never finished has no healthy life before it');
  }
}

function natStrike(onExpiry: string, setting: Setting, noticesEof: boolean): Strike {
  const { toServerUs } = setting;
  switch (onExpiry) {
    case 'reset-next':
      return {
        ...gone,
        aftermath: {
          acknowledges: false,
          resets: { fromUs: 0, afterUs: toServerUs },
          said: 'gone',
        },
      };
    case 'reset-server':
      return { ...gone, toldAfterUs: Math.ceil(toServerUs / 2) };
    case 'fin-both':
      if (!noticesEof) return { ...silent, halfClosedAfterUs: Math.ceil(toServerUs / 2) };
      return { ...gone, aftermath: told, toldAfterUs: Math.ceil(toServerUs / 2) };
    default:
      return gone;
  }
}

/** How long a page that takes nothing has room for what the server writes: then nothing is read any more. */
function pageFillsUs(
  { toClientUs }: Setting,
  { everyUs, bytes }: NonNullable<Setting['writes']>,
): Span {
  const writes = Math.ceil(PAGE_BUFFER_BYTES / bytes);
  return { lo: Math.max(0, writes - 1) * everyUs - toClientUs, hi: writes * everyUs + toClientUs };
}
