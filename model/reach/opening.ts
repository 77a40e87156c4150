/**
 * Openings that are never finished (RFC 9293 §3.5, RFC 6455 §4): B to the decision is one chain of clocks, and nothing runs beside it. After
 * the SYN alone the kernel repeats its answer and then drops the request; after TCP's handshake the opening's own deadline ends it, or nothing.
 */
import { SynAckStep, synAckDelayJ, synAckExpired } from '../linux/syn-ack-timer.ts';
import { wheelWindow } from '../linux/wheel-window.ts';
import type { FaultScenario } from '../scenario/types.ts';
import { Cell } from './cell.ts';
import { silent } from './aftermath.ts';
import { NotModelled } from './not-modelled.ts';
import { Release } from './release.ts';
import { sysctlsOf } from '../scenario/sysctls.ts';
import type { Setting } from './setting.ts';
import { Field, State } from './state.ts';
import type { Later, Leg, ProvedBound } from './types.ts';
import { Zone } from '../zone.ts';

const US_PER_MS = 1_000;

/** @throws NotModelled */
export function openingBound(
  setting: Setting,
  scenario: FaultScenario,
  after: 'syn' | 'established',
): ProvedBound {
  return after === 'syn' ? requestDropped(setting, scenario) : deadlineOver(setting, scenario);
}

function proved(path: readonly Leg[], by: string, closed: Later, released: Later): ProvedBound {
  const decidedMs = path.reduce((sum, { ms }) => sum + ms, 0);
  return {
    kind: 'proved',
    decidedMs,
    by,
    prevented: false,
    closed,
    released,
    path,
    work: path.length,
    start: null,
  };
}

function requestDropped({ toServerUs, kernel }: Setting, scenario: FaultScenario): ProvedBound {
  const { hz, tickUs, rtoMaxJ } = kernel;
  const retries = sysctlsOf(scenario, 'server').tcp_synack_retries;
  const path: Leg[] = [{ clock: 'the SYN', ms: toServerUs / US_PER_MS }];
  const timer = { timeouts: 0, synCount: 0, deferAccept: 0, requestAcked: false, rtoMaxJ };
  let alignedJ = 0;
  for (let asked: number = SynAckStep.Resend; asked !== SynAckStep.Drop; timer.timeouts += 1) {
    const delayJ = synAckDelayJ(timer, hz);
    const { hiUs, widthJ } = wheelWindow(delayJ, delayJ, alignedJ, tickUs);
    alignedJ = widthJ;
    path.push({ clock: 'SYN-ACK timer', ms: hiUs / US_PER_MS });
    asked = synAckExpired(timer, retries);
  }
  const by = 'tcp_synack_retries';
  const ms = path.reduce((sum, leg) => sum + leg.ms, 0);
  const over: Later = { kind: 'proved', ms, by };
  return proved(path, by, over, over);
}

function deadlineOver(setting: Setting, scenario: FaultScenario): ProvedBound {
  const by = 'handshake-deadline';
  const deadline = setting.policy.mechanisms.find((one) => one.kind === by);
  if (deadline === undefined || deadline.lost !== undefined) {
    const never: Later = { kind: 'proved', ms: Infinity, by: 'nothing' };
    return { ...proved([], 'nothing', never, never), decidedMs: Infinity };
  }
  const { timeoutMs, granularity, verdict = 'destroy' } = deadline;
  if (verdict === 'close') throw new NotModelled('a goodbye before the opening is finished');
  const { broken } = scenario.server;
  const coarseMs =
    granularity?.direction === 'up'
      ? timeoutMs + granularity.everyMs
      : Math.max(timeoutMs, granularity?.everyMs ?? 0);
  // A loop that stands still finds its timer overdue when it runs again.
  const stallMs = broken?.kind === 'loop-stalled' ? broken.lengthMs : 0;
  const ms = Math.max(coarseMs, stallMs);
  const closed: Later = { kind: 'proved', ms, by };
  return proved(
    [{ clock: 'handshake deadline', ms }],
    by,
    closed,
    released(setting, scenario, verdict, ms),
  );
}

/** Its kernel answers the FIN, or the reset ends all. */
function released(
  setting: Setting,
  scenario: FaultScenario,
  verdict: 'destroy' | 'reset' | 'flush',
  closedMs: number,
): Later {
  const cell = new Cell(setting, null, false);
  const control = new Int32Array(setting.parts.length + Field.Count);
  const state = new State(control, new Zone(cell.names.length));
  state.manner = verdict;
  try {
    const us = new Release(cell, scenario, silent).forgottenAfterUs(state, 0);
    return { kind: 'proved', ms: closedMs + us / US_PER_MS, by: 'handshake-deadline' };
  } catch (error) {
    if (!(error instanceof NotModelled)) throw error;
    return { kind: 'not-proved', because: error.message };
  }
}
