// The kernel's count of ticks on the axis of CLOCK_MONOTONIC.
import { readFileSync } from 'node:fs';
import { nowNs, poll } from './calls.mjs';

const LOOKS = 64;

/** This kernel's jiffies and the clock, at one instant. */
function look() {
  const list = readFileSync('/proc/timer_list', 'utf8');
  return {
    ns: Number(/now at (\d+) nsecs/.exec(list)[1]),
    jiffies: Number(/jiffies: (\d+)/.exec(list)[1]),
  };
}

/** Waits, busy with nothing. */
export function sleepUntil(ns) {
  for (let left = ns - nowNs(); left > 0; left = ns - nowNs()) poll([], left);
}

/**
 * Absolute jiffies at the instant 0 of the clock, to a part of a jiffy. Each look says it to one jiffy; a tick may be late, so of all
 * values that which most looks allow.
 */
export function jiffiesAtZero(hz) {
  const tickNs = 1e9 / hz;
  const least = [];
  for (let count = 0; count < LOOKS; count += 1) {
    const { ns, jiffies } = look();
    least.push(jiffies - ns / tickNs);
    sleepUntil(nowNs() + tickNs * 1.03);
  }
  least.sort((a, b) => a - b);
  let best = { allowed: 0, from: 0, to: 0 };
  for (const from of least) {
    const inside = least.filter((one) => one <= from && one + 1 > from);
    if (inside.length <= best.allowed) continue;
    best = { allowed: inside.length, from, to: Math.min(...inside) + 1 };
  }
  return (best.from + best.to) / 2;
}
