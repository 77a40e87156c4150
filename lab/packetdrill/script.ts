/** A packetdrill script as read: what happens when, and what the kernel has to answer. */

/** When: `relative` to the event before; up to `toUs` later than it says; `anyTime` for `*`. */
export interface Instant {
  readonly isRelative: boolean;
  readonly fromUs: number;
  /** `a~b`: at some time between; a itself unless said. */
  readonly toUs: number;
  /** `a...b`: a system call that returns only then; null = at once. */
  readonly untilUs: number | null;
  readonly isAnyTime: boolean;
}

/** A TCP segment of a script; numbers relative to the initial sequence numbers. */
export interface ScriptSegment {
  readonly flags: string;
  readonly seq: number;
  readonly length: number;
  readonly ack: number | null;
  /** As in the header. */
  readonly window: number | null;
  readonly mss: number | null;
  readonly sackOk: boolean;
  readonly windowScale: number | null;
  /** Timestamp option: value and echo. */
  readonly timestamp: readonly [value: number, echo: number] | null;
  readonly sack: readonly number[];
  /** `<...>`: whatever the options are. */
  readonly anyOptions: boolean;
}

export type Step =
  | { readonly kind: 'arrives'; readonly segment: ScriptSegment }
  | { readonly kind: 'leaves'; readonly segment: ScriptSegment }
  /** The own queue drops all that is sent, or nothing (tc-pfifo(8)). */
  | { readonly kind: 'queue'; readonly drops: boolean }
  | { readonly kind: 'icmp'; readonly code: string; readonly seq: number | null }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly string[];
      /** What it returns; null = anything. */
      readonly result: number | null;
      readonly errno: string | null;
    }
  | { readonly kind: 'assert'; readonly field: string; readonly min: number; readonly max: number };

/** One line of a script. */
export interface ScriptEvent {
  readonly line: number;
  readonly at: Instant;
  readonly step: Step;
}

/** A whole script. */
export interface Script {
  readonly name: string;
  readonly sysctls: Readonly<Record<string, number>>;
  readonly congestion: string | null;
  /** `--tolerance_usecs`; null = packetdrill's own. */
  readonly toleranceUs: number | null;
  readonly events: readonly ScriptEvent[];
}
