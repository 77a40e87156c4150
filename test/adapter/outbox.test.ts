/** What waits for a connection: in order, within both limits. */
import { describe, expect, it } from 'vitest';
import { bytesOf, Outbox } from '../../adapter/client/outbox.ts';

describe('bytes of a message', () => {
  it.each(['', 'plain', 'ß', '€', '😀', 'a\uD800b'])('%j as UTF-8', (text) => {
    expect(bytesOf(text)).toBe(new TextEncoder().encode(text).length);
  });

  it('of buffers, views and blobs are theirs; of what no socket takes there are none', () => {
    const given = [new ArrayBuffer(3), new Uint16Array(3), Buffer.from('abc'), new Blob(['ab'])];
    expect(given.map(bytesOf)).toEqual([3, 6, 3, 2]);
    expect([null, undefined, 7, {}].map(bytesOf)).toEqual([0, 0, 0, 0]);
  });
});

describe('an outbox', () => {
  it('has room for so many bytes, and again for those that were taken', () => {
    const box = new Outbox(10, 5);
    expect([box.put('abc'), box.put('def'), box.put('de')]).toEqual([true, false, true]);
    expect([box.length, box.bytes]).toEqual([2, 5]);
    expect(box.take()).toBe('abc');
    expect([box.put('xyz'), box.put('z')]).toEqual([true, false]);
    expect([box.take(), box.take(), box.bytes]).toEqual(['de', 'xyz', 0]);
  });

  it('has room for so many messages, and is empty once cleared', () => {
    const box = new Outbox(2, 100);
    expect([box.put('a'), box.put('b'), box.put('c')]).toEqual([true, true, false]);
    box.clear();
    expect([box.length, box.bytes, box.put('c')]).toEqual([0, 0, true]);
  });
});
