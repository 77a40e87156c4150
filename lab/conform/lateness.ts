/**
 * How late the recorded machine ran its timers, read off the packets that they sent.
 *
 * An idle CPU's timers are run by another one (kernel/time/timer_migration.c), often a tick late; a busy
 * machine is later still. The lateness itself says nothing about the rules, but what the timer's
 * handler arms is counted from the late instant. So it is an input of the replay, as the instants are at
 * which the processes did what they did.
 */

/** A packet is recorded this much after its timer ran, at most: the wire's own wake-up, in ticks. */
const RECORDER_TICKS = 0.9;

/** The tick of a recording is known to this part of a tick. */
const PHASE_TICKS = 0.1;

export class Lateness {
  private readonly signalsS: readonly number[];
  private readonly tickS: number;
  private readonly mostS: number;
  private readonly dueOfRun = new Map<number, number>();
  private next = 0;
  private budget: number;

  /**
   * @param signalsS recorded instants of packets that timers sent, ascending
   * @param mostTicks up to this late without further ado
   * @param budget so many may be later, up to `mostS`
   */
  constructor(
    signalsS: readonly number[],
    tickS: number,
    private_: { readonly mostTicks: number; readonly mostS: number; readonly budget: number },
  ) {
    this.signalsS = signalsS;
    this.tickS = tickS;
    this.usualS = private_.mostTicks * tickS;
    this.mostS = private_.mostS;
    this.budget = private_.budget;
  }
}
