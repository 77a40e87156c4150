/**
 * The registry: every kind of fault and every kind of silence, and what it says of itself.
 * A kind is one file and one line here: schema, types and every look-up follow from it.
 */
import { union, type Canonical } from '../schema/words.ts';
import { applicationPause } from './application-pause.ts';
import { close } from './close.ts';
import { closeUnanswered } from './close-unanswered.ts';
import { crash } from './crash.ts';
import { freeze } from './freeze.ts';
import { frozenThenGone } from './frozen-then-gone.ts';
import { halfClose } from './half-close.ts';
import { handshakeAbandoned } from './handshake-abandoned.ts';
import { hostSleep, hostSleepSilence } from './host-sleep.ts';
import { linkDown } from './link-down.ts';
import { natExpiry } from './nat-expiry.ts';
import { networkChange } from './network-change.ts';
import { none } from './none.ts';
import { outage } from './outage.ts';
import { ownHostSleep } from './own-host-sleep.ts';
import { pageFreeze, pageFreezeSilence } from './page-freeze.ts';
import { plateau } from './plateau.ts';
import { processPause } from './process-pause.ts';
import { reboot } from './reboot.ts';
import { serverStall } from './server-stall.ts';
import { serverStarved } from './server-starved.ts';
import { slowReader } from './slow-reader.ts';
import { slowUploader } from './slow-uploader.ts';
import { timersThrottled } from './timers-throttled.ts';
import { trickle } from './trickle.ts';
import { tunnelDead } from './tunnel-dead.ts';
import { unreachable } from './unreachable.ts';
import { vanish } from './vanish.ts';
import type { FaultFacts, SilenceFacts } from './kind.ts';

/** By the word in a scenario file, in the order in which the swarm draws them. */
export const faultKinds = {
  vanish,
  unreachable,
  'handshake-abandoned': handshakeAbandoned,
  freeze,
  'page-freeze': pageFreeze,
  'host-sleep': hostSleep,
  'tunnel-dead': tunnelDead,
  'nat-expiry': natExpiry,
  'network-change': networkChange,
  'link-down': linkDown,
  reboot,
  crash,
  close,
  'half-close': halfClose,
  'close-unanswered': closeUnanswered,
  'frozen-then-gone': frozenThenGone,
  'own-host-sleep': ownHostSleep,
};

/** By the word in a scenario file, in the order in which the swarm draws them. */
export const silenceKinds = {
  none,
  outage,
  'application-pause': applicationPause,
  trickle,
  plateau,
  'server-starved': serverStarved,
  'server-stall': serverStall,
  'process-pause': processPause,
  'page-freeze': pageFreezeSilence,
  'timers-throttled': timersThrottled,
  'host-sleep': hostSleepSilence,
  'slow-reader': slowReader,
  'slow-uploader': slowUploader,
};

export const faultSchema = union(
  'What ends the peer.',
  Object.values(faultKinds).map(({ schema }) => schema),
);
/** What ends the peer. After it nobody lives at the other end, except after `close`. */
export type Fault = Canonical<typeof faultSchema>;

export const silenceSchema = union(
  'What a living peer goes through.',
  Object.values(silenceKinds).map(({ schema }) => schema),
);
/** What a living peer goes through. Whoever is reaped during it is reaped by mistake. */
export type Silence = Canonical<typeof silenceSchema>;

/** The kind of a fault, for what it says of that fault. */
export function faultKindOf({ kind }: Fault): FaultFacts<Fault> {
  return faultKinds[kind];
}

/** The kind of a silence, for what it says of that silence. */
export function silenceKindOf({ kind }: Silence): SilenceFacts<Silence> {
  return silenceKinds[kind];
}
