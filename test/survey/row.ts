/** A row of the survey, and the times of the kernel that many of them share. */
import type { StoryName } from './stories.ts';

/** Earliest and latest; null = the system's own mechanisms never decide, at most the kernel does. */
export type WindowS = readonly [fromS: number, toS: number] | null;

/** From the fault to the verdict, or to the closed descriptor; or from that until the kernel has forgotten the socket. */
export type Instant = 'decided' | 'closed' | 'forgotten';

export interface SurveyRow {
  readonly preset: string;
  /** Settings that are not the defaults, as they stand in parentheses. */
  readonly settings?: string;
  readonly stories: readonly StoryName[];
  /** What its sources say; undefined where they say nothing of this story. */
  readonly stated?: WindowS;
  /** What comes out here where that is something else. */
  readonly shown?: WindowS;
  readonly why?: string;
  /** Granularity of the clock that judges: an end of the window may be missed by one. 0 when missing. */
  readonly tickS?: number;
  /** `decided` when missing. */
  readonly instant?: Instant;
  /** The latest of the few lives in which another of the system's timers comes in between. */
  readonly rarelyS?: number;
}

export const quiet = ['idle', 'lowRate', 'frozen', 'frozenLowRate'] as const;
export const blocked = ['saturated', 'frozenSaturated'] as const;
export const lastByte = ['talking', 'frozenTalking'] as const;
export const frozenAll = ['frozen', 'frozenLowRate', 'frozenSaturated'] as const;

/**
 * The kernel's own timers: each first expiry is up to one bucket of the timer wheel late, and then each further one by
 * a whole number of buckets. 75 s at 250 Hz are 18 750 jiffies, buckets of 512: 18 944 jiffies = 75.776 s.
 */
export const WHEEL =
  'Both; the simulated timers are late by their bucket of the timer wheel, as the real ones are.';
/** 7200 s are 1 800 000 jiffies: buckets of 32 768 jiffies = 131.072 s. */
export const KEEPALIVE_7200 = {
  stories: ['idle'],
  stated: [675, 7_875],
  shown: [9 * 75.776, 7_200 + 131.072 + 9 * 75.776],
  tickS: 131.072,
  why: WHEEL,
} as const;
/**
 * redis-py and go-redis, 30 s and 3 × 5 s: 30 s are 7500 jiffies, buckets of 512 = 2.048 s; 5 s = 1250, in buckets of
 * 64: 1280 = 5.12 s.
 */
export const KEEPALIVE_30_5_3 = {
  stories: ['idle'],
  stated: [15, 45],
  shown: [3 * 5.12, 30 + 2.048 + 3 * 5.12],
  tickS: 2.048,
  why: WHEEL,
} as const;
/** Go, 15 s and 9 × 15 s: 15 s are 3750 jiffies, buckets of 64: 3776 = 15.104 s, and the first up to 0.256 s late. */
export const GO_PROBE_S = 15.104;
export const GO_FIRST_S = 15.256;
export const GO_KEEPALIVE = {
  stories: ['idle'],
  stated: [135, 150],
  shown: [9 * GO_PROBE_S, GO_FIRST_S + 9 * GO_PROBE_S],
  tickS: 0.256,
  why: WHEEL,
} as const;
/** tcp_model_timeout: 924.6 s, then the first retransmission after it, at most TCP_RTO_MAX = 120 s later. */
export const RETRIES2 = { stated: [924.6, 1_044.6], tickS: 120 } as const;
