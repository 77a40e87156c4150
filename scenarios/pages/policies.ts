/**
 * docs/policies.md: the built-in policies by what they are about, with the names under which they are found, what is
 * believed of them and what is so, their options in the words of their system, and how long a ghost stands under them.
 */
import { bounds } from '../../model/bounds/index.ts';
import { formatDuration } from '../../model/duration.ts';
import { presetGroups, type Preset } from '../../model/policy/index.ts';
import type { Scenario } from '../../model/scenario/types.ts';
import { scenarios } from '../catalog/index.ts';

const shown: Readonly<Record<string, string>> = {
  'vanish-idle': 'vanishes, idle',
  'vanish-busy': 'vanishes, busy',
  'vanish-saturated': 'vanishes, saturated',
  'frozen-idle': 'frozen, idle',
  'frozen-busy': 'frozen, busy',
  'frozen-saturated': 'frozen, saturated',
};

const INTRO = `# Built-in policies

What servers, clients, proxies and pools do as they come, by name: \`--policy socket.io\`, or \`selectPolicies('socket.io')\`.
Options are those of the system itself, in parentheses and in its own units; a bare number is in the unit that the system counts in:

    --policy 'socket.io(pingInterval=10s,pingTimeout=5s)'   --policy 'bun(idleTimeout=30)'   --policy 'cowboy(idle_timeout=30000)'

The result is another policy, named after its options. \`@founding\`, \`@server\`, \`@client\`, \`@proxy\`, \`@pool\`, \`@kernel\`, \`@drain\`, \`@send-limit\` and \`@all\` select
groups. \`ghostbound policies options NAME\` lists the options of one, \`ghostbound policies show NAME\` prints it as a file.
What each system says of itself, and where that differs from what comes out here, is in [survey-windows.md](survey-windows.md); \`npm run grid\` in a
checkout prints every policy on every founding scenario.

How long a ghost stands at most until the server decides (B at a round trip of 50 ms, see [bounds.md](bounds.md)). ∞: some ghosts stand for ever.
With the decision not everything is over: an orphan in FIN_WAIT_1 stands until the kernel has retransmitted enough (\`tcp_orphan_retries\`), one in
FIN_WAIT_2 for \`tcp_fin_timeout\`. That is no reaper but the kernel's release; \`forgotten\` in the grid shows it, and the [bounds](bounds.md) state it.
`;

function boundText(preset: Preset, scenario: Scenario): string {
  const { maxMs, proved } = bounds(preset.policy, scenario).decided;
  if (!proved) return 'not proved';
  if (maxMs === null) return '∞';
  const s = maxMs / 1_000;
  return s < 100 ? `${s.toFixed(1)} s` : `${Math.ceil(s)} s`;
}

/** A text as one cell of a table. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

function boundsTable(presets: readonly Preset[]): string {
  const rows = presets.map((preset) => {
    const cells = Object.keys(shown).map((name) => boundText(preset, scenarios[name] as Scenario));
    return `| \`${preset.policy.name}\` | ${cells.join(' | ')} |`;
  });
  const titles = Object.values(shown);
  return [
    `| policy | ${titles.join(' | ')} |`,
    `| --- |${' ---: |'.repeat(titles.length)}`,
    ...rows,
  ].join('\n');
}

function optionsTable({ options }: Preset): string[] {
  if (options.length === 0) return [];
  const rows = options.map(
    (option) =>
      `| \`${option.name}\` | ${option.default} | ${cell(option.description)} | ${cell(option.expected)} |`,
  );
  return ['', '| option | default | what it is | a value |', '| --- | --- | --- | --- |', ...rows];
}

function section(preset: Preset): string {
  const { policy, aliases } = preset;
  const also =
    aliases.length === 0 ? '' : ` Also ${aliases.map((name) => `\`${name}\``).join(', ')}.`;
  const beat = policy.peerHeartbeat;
  const heartbeat =
    beat === undefined
      ? []
      : [
          `- Counts on the peer: a ${beat.sign} every ${formatDuration(beat.everyMs)}, sent by its ${beat.sentBy === 'websocket' ? 'library' : 'application'}.`,
        ];
  const parts = policy.mechanisms.map(({ kind }) => `\`${kind}\``).join(', ');
  return [
    `### ${policy.name}`,
    '',
    `${policy.title}.${also}`,
    '',
    `- Believed: ${policy.claim}`,
    `- So: ${policy.truth}`,
    `- Made of ${parts === '' ? 'nothing' : parts}.`,
    ...heartbeat,
    `- Assumes: ${preset.assumes.join('; ')}.`,
    `- Sockets: ${preset.runtime.name}: ${preset.runtime.sets} (${preset.runtime.source}).`,
    ...preset.notModelled.map((text) => `- Not modelled: ${text}.`),
    `- From ${policy.source}`,
    ...optionsTable(preset),
  ].join('\n');
}

/** The page. */
export function policiesPage(): { readonly path: string; readonly text: string } {
  const parts = presetGroups.flatMap(({ tag, title, members }) => [
    `## ${title.charAt(0).toUpperCase()}${title.slice(1)} (\`@${tag}\`)`,
    boundsTable(members),
    ...members.map(section),
  ]);
  return {
    path: 'docs/policies.md',
    text: `${[INTRO, ...parts].join('\n\n').replaceAll('\n\n\n', '\n\n')}\n`,
  };
}
