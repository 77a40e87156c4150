/**
 * What stands between a verdict and its being carried out. A cap on reaps per second, for whoever must serve all that come back. And the question
 * whether it is not the others who are gone: where most clients have been silent for as long as one that is to be reaped, this server's own
 * uplink is the likelier reason, and it waits for a while whether any of them is heard again.
 */

/** Where most clients are silent at once, verdicts wait. */
export interface OwnOutage {
  /** Share of the clients that must be silent for it, 0 to 1. */
  readonly share: number;
  /** For so long at the most a verdict waits, ms. */
  readonly holdMs: number;
}

export interface GateOptions {
  readonly maxReapsPerSecond?: number;
  readonly ownOutage?: OwnOutage;
}

/** Of so many clients it is asked how long they have been silent; with fewer than the least nobody can tell. */
const MOST_ASKED = 256;
const LEAST_ASKED = 10;
/** Who has been silent for so large a part of the victim's silence is silent, too. */
const AS_SILENT = 0.5;
const US_PER_S = 1_000_000;

interface Silent {
  readonly lastReceivedUs: number;
}

export class Gate {
  readonly #options: GateOptions;
  #tokens: number;
  #refilledUs = 0;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#tokens = options.maxReapsPerSecond ?? Infinity;
  }

  /**
   * Whether a verdict may be carried out now.
   *
   * @param heldSinceUs since when it waits; now, where it does not wait yet
   * @param everybody all clients, the victim among them
   */
  lets(victim: Silent, heldSinceUs: number, everybody: Iterable<Silent>, nowUs: number): boolean {
    const { ownOutage } = this.#options;
    const mayWait = ownOutage !== undefined && nowUs - heldSinceUs < ownOutage.holdMs * 1000;
    if (mayWait && isShared(victim, everybody, ownOutage.share, nowUs)) return false;
    return this.#takesToken(nowUs);
  }

  #takesToken(nowUs: number): boolean {
    const most = this.#options.maxReapsPerSecond;
    if (most === undefined) return true;
    const gained = ((nowUs - this.#refilledUs) * most) / US_PER_S;
    this.#tokens = Math.min(most, this.#tokens + gained);
    this.#refilledUs = nowUs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

function isShared(
  victim: Silent,
  everybody: Iterable<Silent>,
  share: number,
  nowUs: number,
): boolean {
  const asSilentUs = nowUs - AS_SILENT * (nowUs - victim.lastReceivedUs);
  let asked = 0;
  let silent = 0;
  for (const { lastReceivedUs } of everybody) {
    if (asked === MOST_ASKED) break;
    asked += 1;
    if (lastReceivedUs <= asSilentUs) silent += 1;
  }
  return asked >= LEAST_ASKED && silent >= share * asked;
}
