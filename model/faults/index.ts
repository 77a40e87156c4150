/**
 * The registry: every kind of fault and every kind of silence, and what it says of itself.
 * A kind is one file and one line here; a kind of the scenario language without a line does not compile.
 */
import type { Fault, Silence } from '../scenario/types.ts';
import { applicationPause } from './application-pause.ts';
import { close } from './close.ts';
import { closeUnanswered } from './close-unanswered.ts';
import { crash } from './crash.ts';
import { freeze } from './freeze.ts';
import { halfClose } from './half-close.ts';
import { handshakeAbandoned } from './handshake-abandoned.ts';
import { hostSleep, hostSleepSilence } from './host-sleep.ts';
import { linkDown } from './link-down.ts';
import { natExpiry } from './nat-expiry.ts';
import { networkChange } from './network-change.ts';
import { none } from './none.ts';
import { outage } from './outage.ts';
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
import type { FaultKind, FaultWord, SilenceKind, SilenceWord } from './kind.ts';

/** By the word in a scenario file, in the order in which the swarm draws them. */
export const faultKinds: { readonly [K in FaultWord]: FaultKind<K> } = {
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
};

/** By the word in a scenario file, in the order in which the swarm draws them. */
export const silenceKinds: { readonly [K in SilenceWord]: SilenceKind<K> } = {
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

/** The kind of a fault, for what it says of that fault. */
export function faultKindOf({ kind }: Fault): FaultKind {
  return faultKinds[kind];
}

/** The kind of a silence, for what it says of that silence. */
export function silenceKindOf({ kind }: Silence): SilenceKind {
  return silenceKinds[kind];
}
