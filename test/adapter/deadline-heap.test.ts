import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineHeap, type HeapEntry } from '../../adapter/reaper/deadline-heap.ts';
import { cases } from '../support/property.ts';

function entries(count: number): HeapEntry[] {
  return Array.from({ length: count }, () => ({ filedUs: Infinity, heapIndex: -1 }));
}

describe('the deadline heap', () => {
  it('always gives the earliest of what is filed, through any filing, refiling and removal', () => {
    const step = fc.record({
      who: fc.nat({ max: 19 }),
      // Few distinct instants, so that ties are common; 9 stands for "takes it out".
      due: fc.integer({ min: 0, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const all = entries(20);
        const heap = new DeadlineHeap();
        const filed = new Map<HeapEntry, number>();
        for (const { who, due } of steps) {
          const entry = all[who] as HeapEntry;
          if (due === 9) {
            heap.remove(entry);
            filed.delete(entry);
          } else {
            heap.file(entry, due);
            filed.set(entry, due);
          }
          const earliest = filed.size === 0 ? undefined : Math.min(...filed.values());
          expect(heap.first?.filedUs).toBe(earliest);
        }
        const drained: number[] = [];
        for (let first = heap.first; first !== undefined; first = heap.first) {
          drained.push(first.filedUs);
          heap.remove(first);
        }
        expect(drained).toEqual([...filed.values()].toSorted((a, b) => a - b));
      }),
      cases(100),
    );
  });

  it('takes an entry out when it is filed for never', () => {
    const heap = new DeadlineHeap();
    const [entry] = entries(1) as [HeapEntry];
    heap.file(entry, 5);
    heap.file(entry, Infinity);
    expect(heap.first).toBeUndefined();
    expect(entry.heapIndex).toBe(-1);
  });
});
