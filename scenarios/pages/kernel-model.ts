/** docs/kernel-model.md: what the simulated kernel models, stores and refuses, from the marks in the code. */
import { timers } from '../../model/linux/timers.ts';
import { kernelCapabilities, notModelled, type Capability } from '../../sim/kernel/capabilities.ts';

const OPENING = `<!-- Generated from sim/kernel/capabilities.ts and model/linux by npm run generate. Do not edit. -->

# What the simulated kernel does

*modelled*: changes behaviour as in Linux. *stored*: accepted and read back, without effect; a run that
sets it carries a warning, which \`--strict\` turns into a failure. *refused*: an error, so that nobody
trusts a result that ignores it. Timers sit on a model of the kernel's wheel, in jiffies of HZ 100, 250 or 1000;
the profiles are Linux 6.12 and 6.18.
`;

const SOCKET_OPTIONS = `*socketOptions*: in a scenario's \`kernel.serverSocketOptions\` (the listener's, which its connections inherit) and
\`kernel.clientSocketOptions\` (set before it connects). What a mechanism of a policy sets has no second place. A bound or a
tolerance under other options than those is *not proved*, and measured.`;

const SYSCTLS = `In a scenario's \`kernel.serverSysctls\` and \`kernel.clientSysctls\`.`;

function table(title: string, rows: readonly Capability[]): string {
  const lines = rows.map(
    ({ name, support, effect, kernelFunction }) =>
      `| \`${name}\` | ${support} | ${effect.replaceAll('|', '\\|')} | \`${kernelFunction}\` |`,
  );
  return [
    `## ${title}`,
    '',
    '| name | support | effect | in Linux |',
    '|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

/** Settings with their values; a rule has none. */
function settingTable(title: string, intro: string, rows: readonly Capability[]): string {
  const lines = rows.map(
    ({ name, range = '', initial = '', support, effect, setBy = '', kernelFunction }) =>
      `| \`${name}\` | ${range} | ${initial} | ${support} | ${effect} | ${setBy} | \`${kernelFunction}\` |`,
  );
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| name | values | at first | support | effect | set by | in Linux |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

/** `TailLossProbe` reads "tail loss probe". */
function wordsOf(name: string): string {
  return name.replaceAll(/(?<!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

function timerTable(): string {
  const lines = Object.entries(timers).map(
    ([name, { slot, standard, kernel, armed, expires, rule }]) =>
      `| ${wordsOf(name)} | ${slot} | ${standard} | \`${kernel}\` | ${armed} | ${expires} | \`model/linux/${rule}\` |`,
  );
  return [
    '## Timers of a connection',
    '',
    'A socket has three timers: `write` means one thing at a time, and arming it replaces what it meant; `keepalive` means what the state makes of it.',
    '',
    '| timer | on | standard | in Linux | armed | when it goes off | rule |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

/** The page and its place. */
export function kernelModelPage(): { readonly path: string; readonly text: string } {
  const of = (kind: Capability['kind']) => kernelCapabilities.filter((one) => one.kind === kind);
  const text = [
    OPENING,
    timerTable(),
    table('Rules', of('rule')),
    settingTable('Socket options', SOCKET_OPTIONS, of('socket option')),
    settingTable('Settings (sysctl)', SYSCTLS, of('sysctl')),
    '## Not modelled\n',
    ...notModelled.map((sentence) => `- ${sentence}`),
    '',
  ].join('\n');
  return { path: 'docs/kernel-model.md', text };
}
