import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { machineDocs } from '../../scenarios/pages/machines.ts';
import { tcpStates, tcpTable } from '../../model/machines/tcp/index.ts';

const root = new URL('../../', import.meta.url);

describe('docs/machines', () => {
  it.each(machineDocs())('$path is what the machines say', ({ path, text }) => {
    expect(readFileSync(new URL(path, root), 'utf8')).toBe(text);
  });

  it('names every state and every event of the TCP table', () => {
    const text = machineDocs().find(({ path }) => path.endsWith('tcp.md'))?.text ?? '';
    for (const state of tcpStates) {
      // `SYN_RECEIVED.passive` is drawn as `passive` within SYN_RECEIVED.
      expect(text).toContain(`as ${state.replace('.', '_')}`);
    }
    for (const event of tcpTable().events) expect(text).toContain(event);
  });
});
