/** One machine, two ways to run it: 256 events through an xstate actor, and the same events through the compiled table. */
import { createActor } from 'xstate';
import { tcpEvents, tcpMachine, tcpTable } from '../model/machines/tcp/index.ts';
import { NO_EDGE } from '../model/statechart/table.ts';
import { Draws, Stream } from '../sim/random.ts';
import type { Row } from './measure.ts';

const EVENTS = 256;

/** Columns that a walk from CLOSED takes, each an edge of the state it is taken in; back to the start when it ends. */
function walk(): number[] {
  const table = tcpTable();
  const draws = new Draws();
  draws.reset({ high: 0, low: 1 }, 0, 0);
  const columns: number[] = [];
  let state = table.initial;
  for (let n = 0; columns.length < EVENTS; n += 1) {
    const column = draws.below(Stream.Swarm, n, tcpEvents.length);
    const next = table.next[state * tcpEvents.length + column] ?? NO_EDGE;
    if (next === NO_EDGE || table.final[next] === 1) continue;
    state = next;
    columns.push(column);
  }
  return columns;
}

const columns = walk();
const table = tcpTable();
let reached = 0;

export const machines: readonly Row[] = [
  {
    name: `machine: ${EVENTS} events of TCP by its table`,
    work: () => {
      let state = table.initial;
      for (const column of columns) {
        state = table.next[state * tcpEvents.length + column] ?? NO_EDGE;
        reached += table.effectList[state * tcpEvents.length + column] ?? 0;
      }
      reached = (reached + state) | 0;
    },
  },
  {
    name: `machine: ${EVENTS} events of TCP by an xstate actor`,
    work: () => {
      const actor = createActor(tcpMachine, {
        clock: { setTimeout: () => 0, clearTimeout: () => undefined },
      });
      actor.start();
      for (const column of columns) {
        const name = tcpEvents[column];
        if (name !== undefined) actor.send({ type: name });
      }
      actor.stop();
    },
  },
];
