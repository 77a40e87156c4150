/** The nearest name: near enough to help, never so far that it misleads. */
import { describe, expect, test } from 'vitest';
import { didYouMean, nearest, nearestFew } from '../../model/spelling.ts';

const names = ['none', 'keepalive-go-15s', 'keepalive-10-5-3', 'socket.io', 'send-stall-watchdog'];
const fields = ['kind', 'intervalMs', 'replyTimeoutMs', 'maxMs'];

describe('nearest', () => {
  test.each([
    ['keepalve-go-15s', 'keepalive-go-15s', 'a letter left out'],
    ['socketio', 'socket.io', 'a dot left out'],
    ['nnoe', 'none', 'two neighbours swapped'],
    ['NONE', 'none', 'upper case'],
    ['send-stall', 'send-stall-watchdog', 'the beginning alone'],
  ])('%s is %s: %s', (typed, meant) => {
    expect(nearest(typed, names)).toBe(meant);
  });

  test.each([
    ['interval', 'intervalMs'],
    ['max', 'maxMs'],
    ['replyTimeout', 'replyTimeoutMs'],
    ['interval_ms', 'intervalMs'],
    ['timeoutMs', 'replyTimeoutMs'],
  ])('a field without its unit: %s is %s', (typed, meant) => {
    expect(nearest(typed, fields)).toBe(meant);
  });

  test('nothing is near to something else', () => {
    expect(nearest('xyzzy', names)).toBeUndefined();
    expect(nearest('', names)).toBeUndefined();
    expect(didYouMean('xyzzy', names)).toBeUndefined();
  });

  test('ties go to the earlier one', () => {
    expect(nearest('ac', ['ab', 'ad'])).toBe('ab');
  });
});

describe('the nearest few', () => {
  test('contain the word, or differ from it least; never more than asked for', () => {
    expect(nearestFew('keepalive', names, 2)).toEqual(['keepalive-go-15s', 'keepalive-10-5-3']);
    expect(nearestFew('soket', names, 1)).toEqual(['socket.io']);
    expect(nearestFew('anything at all', names)).toHaveLength(5);
  });
});
