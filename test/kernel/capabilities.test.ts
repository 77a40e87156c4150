import { expect, it } from 'vitest';
import { kernelCapabilities } from '../../sim/kernel/capabilities.ts';

const range = (name: string): string | undefined =>
  kernelCapabilities.find((one) => one.name === name)?.range;

it('a range that only the size of an integer ends is shown without an end', () => {
  // SO_SNDBUF is doubled, so half of INT_MAX is the most.
  expect(range('SO_SNDBUF')).toBe('1 …');
  // MAX_TCP_KEEPCNT.
  expect(range('TCP_KEEPCNT')).toBe('1 … 127');
});
