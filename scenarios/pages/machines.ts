/** The pages of docs/machines, generated from the machines. */
import type { AnyStateMachine } from 'xstate';
import { mechanismKinds } from '../../model/mechanisms/index.ts';
import { reaperMachine } from '../../model/machines/reaper/machine.ts';
import type { ReconnectPolicy } from '../../model/machines/reconnect/index.ts';
import { reconnectMachine } from '../../model/machines/reconnect/machine.ts';
import { tcpMachine } from '../../model/machines/tcp/index.ts';
import { webSocketMachine } from '../../model/machines/websocket/index.ts';
import { mermaid, transitionTable } from '../../model/statechart/diagram.ts';

/** A page: its path from the project's root, and what it must contain. */
export interface MachinePage {
  readonly path: string;
  readonly text: string;
}

/** Whichever: the page shows no lengths. */
const ANY_POLICY: ReconnectPolicy = {
  baseMs: 1_000,
  factor: 2,
  capMs: 30_000,
  jitterMs: 0,
  maxAttempts: 5,
  connectTimeoutMs: 10_000,
  stableMs: 5_000,
};

const GENERATED = '<!-- Generated from the machines by npm run generate. Do not edit. -->';

/** All pages of docs/machines. */
export function machineDocs(): MachinePage[] {
  return [
    page('tcp', 'One end of a TCP connection', tcpIntroduction, tcpMachine),
    page('websocket', 'A WebSocket endpoint', webSocketIntroduction, webSocketMachine),
    reaperPage(),
    page(
      'reconnect',
      'A client that reconnects',
      reconnectIntroduction,
      reconnectMachine(ANY_POLICY),
    ),
  ];
}

const tcpIntroduction = `RFC 9293 §3.3.2, with the distinctions Linux makes. \`owned\`: a process still holds the descriptor.
\`orphan\`: it was closed, and the kernel finishes alone. \`light\`: only a time-wait sock is left. \`passive\` is the
listener's side of the handshake. What the timers conclude and which segments are acceptable
is decided by the kernel model that drives the machine.`;

const webSocketIntroduction = `RFC 6455. The server ends the TCP connection once both Close frames have passed, the client waits for
that (§7.1.1). A transport that ends without a Close frame is code 1006 (§7.1.5).`;

const reconnectIntroduction = `The wait before retry n is min(base · factorⁿ + chance · jitter, cap). \`dropSocket\` takes all listeners off the socket and
closes it in one go: a socket that was dropped can report nothing any more. Attempts are forgotten once a connection has been open for the
stable time, not when it opens.`;

const reaperIntroduction = `One region per mechanism of the policy, all running side by side; the first verdict ends them all. Keepalive and
user timeout are options of the kernel, drain is a deadline of the whole server, the two handshakes are timers of the
WebSocket endpoint: they have no region. A mechanism whose timer is lost has none either; one whose verdict is lost goes
on probing, and has none where it does not probe.

How long a clock runs is not in the machine. A clock with a \`granularity\` runs on to a tick of a coarser timer. The
clocks \`grace\`, \`fresh\` and \`strike\` are time stamps: compared with, never waited for.`;

function page(
  name: string,
  title: string,
  introduction: string,
  machine: AnyStateMachine,
): MachinePage {
  const parts = [GENERATED, `# ${title}`, introduction, mermaid(machine), transitionTable(machine)];
  return { path: `docs/machines/${name}.md`, text: `${parts.join('\n\n')}\n` };
}

function reaperPage(): MachinePage {
  const pictures = Object.values(mechanismKinds).flatMap((kind) =>
    kind.region === undefined ? [] : [...kind.pictures],
  );
  const sections = pictures.map(({ title, mechanism }) => {
    const machine = reaperMachine([mechanism]);
    const root = machine.root.states['watching']?.states[`${mechanism.kind}-0`];
    return [`## ${title}`, mermaid(machine, root, true), transitionTable(machine, root)].join(
      '\n\n',
    );
  });
  const parts = [GENERATED, '# The reaper', reaperIntroduction, ...sections];
  return { path: 'docs/machines/reaper.md', text: `${parts.join('\n\n')}\n` };
}
