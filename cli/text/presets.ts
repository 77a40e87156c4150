/** The built-in policies as lists: all of them under their tags, and what can be set on one. */
import type { Preset, PresetGroup } from '../../model/policy/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { renderRows, renderTable, type Column } from '../../text/table.ts';
import { hanging, wrap } from '../../text/width.ts';

/** The first column is as wide as the longest built-in name. */
const MOST_NAME_COLUMNS = 33;

/** The names people use, as many as there is room for; what it is called in full comes after. */
function commonNames({ policy, aliases }: Preset): readonly string[] {
  const names: string[] = [];
  for (const name of aliases.length === 0 ? [policy.name] : aliases) {
    if (names.length > 0 && [...names, name].join(', ').length > MOST_NAME_COLUMNS) break;
    names.push(name);
  }
  return names;
}

function otherNames(preset: Preset): readonly string[] {
  const common = commonNames(preset);
  return [preset.policy.name, ...preset.aliases].filter((name) => !common.includes(name));
}

const listColumns: readonly Column<Preset>[] = [
  {
    header: 'policy',
    align: 'left',
    cell: (preset) => commonNames(preset).join(', '),
    flexible: 'above',
  },
  { header: 'what it is', align: 'left', cell: ({ policy }) => policy.title, flexible: 'wrap' },
  {
    header: 'other names',
    align: 'left',
    cell: (preset) => otherNames(preset).join(' '),
    expendable: 1,
  },
  {
    header: 'options',
    align: 'left',
    cell: ({ options }) => options.map(({ name }) => name).join(' '),
    expendable: 2,
  },
];

/** The built-in policies, one per line, under what they are about. */
export function presetListText(groups: readonly PresetGroup[], terminal: Terminal): string {
  const style = { columns: terminal.columns, paint: terminal.paint, indent: '  ' };
  const rows = groups.flatMap(({ members }) => members);
  const { header, rows: drawn } = renderRows(listColumns, rows, style);
  const text = [...header];
  for (const { tag, title, members } of groups) {
    const from = rows.findIndex((one) => one === members[0]);
    const lines = drawn.slice(from, from + members.length).flat();
    text.push('', ...wrap(`@${tag} · ${title}`, terminal.columns), ...lines);
  }
  return `${text.join('\n')}\n`;
}

type Option = Preset['options'][number];

const optionColumns: readonly Column<Option>[] = [
  { header: 'option', align: 'left', cell: ({ name }) => name, flexible: 'above' },
  { header: 'default', align: 'left', cell: (option) => option.default },
  { header: 'what it is', align: 'left', cell: ({ description }) => description, flexible: 'wrap' },
  { header: 'a value', align: 'left', cell: ({ expected }) => expected, flexible: 'wrap' },
];

/** Under which conditions the system does what the policy says. */
function conditionsOf({ policy, assumes, runtime, notModelled }: Preset): string[] {
  return [
    ...assumes.map((text) => `assumes ${text}`),
    `sockets: ${runtime.name}: ${runtime.sets}`,
    ...notModelled.map((text) => `not modelled: ${text}`),
    `from ${policy.source}`,
  ];
}

/** What can be set on one built-in policy, and how it is written. */
export function optionsText(preset: Preset, terminal: Terminal): string {
  const { policy, aliases, tags, options } = preset;
  const lines = [`${policy.name} · ${policy.title}`];
  if (aliases.length > 0) lines.push(`also ${aliases.join(', ')}`);
  lines.push(
    `selected by ${tags.map((tag) => `@${tag}`).join(' ')}`,
    '',
    ...conditionsOf(preset),
    '',
  );
  const fitted = lines.flatMap((line) =>
    line === '' ? [''] : hanging(line, terminal.columns, '', '  '),
  );
  const [first] = options;
  if (first === undefined) return `${[...fitted, 'It has no options.'].join('\n')}\n`;
  const style = { columns: terminal.columns, paint: terminal.paint };
  const name = aliases[0] ?? policy.name;
  const example = `ghostbound compare --policy '${name}(${first.name}=${first.default})'`;
  return `${[...fitted, ...renderTable(optionColumns, options, style), '', example].join('\n')}\n`;
}
