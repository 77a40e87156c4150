/** What was done to a recorded connection, done to the simulated one. Which actions there are: model/recording/actions.ts. */
import { actionName, type ActionName } from '../../model/recording/actions.ts';
import { optionsOf } from '../../model/recording/options.ts';
import type { IcmpKind } from '../../sim/network/icmp.ts';
import type { Line } from './line.ts';
import { toUs, type Stage } from './stage.ts';
import { sides } from './trace.ts';
import type { KernelTrace, Side } from './trace.ts';

/** One thing to do at an instant. */
export interface Deed {
  readonly atUs: number;
  readonly run: () => void;
}

/** Sides among the arguments; both, if none is named. */
function named(args: readonly unknown[]): readonly Side[] {
  const found = sides.filter((side) => args.includes(side));
  return found.length === 0 ? sides : found;
}

type Play = (stage: Stage, args: readonly unknown[], who: Side) => void;

/** What happens on the lines of the named sides. */
function onLines(change: (line: Line, first: unknown, stage: Stage) => void): Play {
  return (stage, args) => {
    for (const side of named(args)) change(stage.lines[side], args[0], stage);
  };
}

function onLinks(up: boolean): Play {
  return (stage, args) => {
    for (const side of named(args)) stage.hosts[side].setLinkUp(up);
  };
}

/** What the process does with its socket. */
function byProcess(what: string): Play {
  return (stage, args, who) => stage.processes[who].act(what, args.map(Number));
}

const plays: Readonly<Record<ActionName, Play>> = {
  'wire drop': onLines((line) => void (line.cut = true)),
  'wire pass': onLines((line) => {
    line.cut = false;
    line.lossy = false;
    line.loseNext = 0;
    line.icmp = null;
  }),
  'wire delay': onLines((line, ms, { timing }) => {
    line.delayUs = Math.round(Number(ms) * 1000) + timing.overheadUs;
  }),
  'wire loss': onLines((line, share) => void (line.lossy = Number(share) > 0)),
  'wire lose': onLines((line, packets) => void (line.loseNext = Number(packets))),
  'wire duplicate': onLines((line, packets) => void (line.duplicateNext = Number(packets))),
  'wire icmp': onLines((line, kind) => void (line.icmp = kind as IcmpKind)),
  'link down': onLinks(false),
  'link up': onLinks(true),
  'host qdisc': (stage, [side, queue]) =>
    stage.hosts[side as Side].setLocalDrop(queue === 'pfifo limit 0' ? 'qdisc' : null),
  'host netfilter': (stage, [side, on]) =>
    stage.hosts[side as Side].setLocalDrop(on === true ? 'netfilter' : null),
  'process write': byProcess('write'),
  // A pattern's writes are deeds of their own (Timing.patternTimes).
  'process pattern': () => undefined,
  'process trickle': byProcess('trickle'),
  'process freeze': byProcess('freeze'),
  'process thaw': byProcess('thaw'),
  'process set': (stage, [options], who) => {
    const { values, lingerS } = optionsOf(options as Readonly<Record<string, unknown>>);
    stage.hosts[who].socket.setOptions(values);
    if (lingerS > 0) stage.processes[who].linger(lingerS);
  },
  'process close': byProcess('close'),
  'process shutdown': byProcess('shutdown'),
  // TCP_REPAIR, or a power loss: from then on its kernel resets what it gets.
  'process abort': (stage, _args, who) => {
    stage.hosts[who].powerOff();
    stage.hosts[who].powerOn();
    stage.processes[who].vanish();
  },
};

/** The recorded instants of what was done: `do` where a process noted it, else `act`. */
export function deedsOf(trace: KernelTrace, stage: Stage): Deed[] {
  const deeds: Deed[] = [];
  for (const { t, who, event, what, args } of trace.log) {
    const byProgram = who === 'server' || who === 'client';
    if (byProgram && event === 'read') {
      deeds.push({ atUs: toUs(t), run: () => stage.processes[who].act('read', args.map(Number)) });
    }
    if (event !== (byProgram ? 'do' : 'act') || what === null) continue;
    const name = actionName(who, what);
    if (name === null) continue;
    deeds.push({ atUs: toUs(t), run: () => plays[name](stage, args, who as Side) });
  }
  for (const side of sides) {
    for (const { t, bytes } of stage.timing.patternTimes[side]) {
      deeds.push({ atUs: toUs(t), run: () => stage.processes[side].act('write', [bytes]) });
    }
  }
  return deeds.toSorted((a, b) => a.atUs - b.atUs);
}
