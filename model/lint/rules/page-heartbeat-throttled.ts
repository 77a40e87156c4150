/** A page's timers in a hidden tab, against a server that waits for them. */
import { at } from '../link.ts';
import { healthyFor, endedAlive } from '../trials.ts';
import type { StackRule } from '../types.ts';
import { inWords } from '../words.ts';

const NAME = 'page-heartbeat-throttled';
/** A hidden tab runs its timers once a minute (Chromium, intensive throttling). */
const HIDDEN_TAB_MS = 60_000;
const HIDDEN_FOR_MS = 600_000;
/** By how much a heartbeat may be late beyond its minute: what the repaired clients allow. */
const MARGIN_MS = 10_000;

export const pageHeartbeatThrottled: StackRule = {
  name: NAME,
  severity: 'error',
  summary: 'The heartbeat of a hidden tab comes once a minute, later than the server waits.',
  source:
    'Chromium, intensive timer throttling; phoenixframework/phoenix#4307, #4309; GetStream/stream-chat-js#698; SignalR/SignalR#4536',
  yieldsTo: ['limit-not-above-interval'],
  check: ({ load, client, served }) => {
    const { peerHeartbeat } = served.policy;
    if (client.hop.timers !== 'page' || peerHeartbeat === undefined) return [];
    const { everyMs } = peerHeartbeat;
    const hiddenMs = Math.ceil(everyMs / HIDDEN_TAB_MS) * HIDDEN_TAB_MS;
    if (hiddenMs === everyMs) return [];
    const worstMs = everyMs + HIDDEN_TAB_MS;
    const silence = {
      kind: 'timers-throttled',
      everyMs: HIDDEN_TAB_MS,
      lengthMs: HIDDEN_FOR_MS,
    } as const;
    const life = {
      ...healthyFor(load, HIDDEN_FOR_MS),
      silence,
      lengthMs: HIDDEN_FOR_MS,
      lives: 40,
    };
    const trials = endedAlive(served, NAME, life, ({ by }) => ({
      path: at(client, ({ heartbeatMs }) => heartbeatMs),
      message: `The page's heartbeat of ${inWords(everyMs)} comes every ${inWords(hiddenMs)} in a tab that has been hidden for five minutes, and up to ${inWords(worstMs)} after the one before when that begins; the server does not wait so long (${by}): hidden tabs are cut off alive.`,
      remedy: `Let the server wait ${inWords(worstMs)} and some to spare, e.g. ${inWords(worstMs + MARGIN_MS)}, or ping from the server: pongs are no timer of the page.`,
    }));
    return [{ trials }];
  },
};
