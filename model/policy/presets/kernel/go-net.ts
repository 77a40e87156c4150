/** Go switches keepalive on for every socket it accepts or dials. */
import { definePreset } from '../definition.ts';
import { count, time } from '../options.ts';
import { wholeSeconds } from './keepalive-options.ts';
import { goNetDefaults } from '../runtimes/go.ts';

export const goNet = definePreset({
  name: 'go-net',
  aliases: ['go'],
  tags: ['kernel'],
  title: 'Go net: keepalive 15 s, 9 × 15 s',
  claim: 'Go finds dead connections after 15 s.',
  truth: '15 + 9 × 15 = 150 s after the last segment, and only where nothing is unacknowledged.',
  source: 'golang/go, src/net/dial.go, KeepAliveConfig; golang/go#62254',
  assumes: [
    "Go 1.23 or later, where an interval or a count of its own can be set; before, Interval was the same as Idle and the count the system's",
  ],
  runtime: goNetDefaults,
  options: {
    Idle: time('15s', 'TCP_KEEPIDLE.', wholeSeconds),
    Interval: time('15s', 'TCP_KEEPINTVL.', wholeSeconds),
    Count: count(9, 'TCP_KEEPCNT.', { min: 1, max: 127 }),
  },
  mechanisms: ({ Idle, Interval, Count }) => [
    { kind: 'keepalive', idleMs: Idle, intervalMs: Interval, probes: Count },
  ],
});
