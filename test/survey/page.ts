/** docs/survey-windows.md: the rows of the survey as a page. */
import { presets } from '../../model/policy/index.ts';
import { stories } from './stories.ts';
import type { Instant, SurveyRow, WindowS } from './row.ts';
import { leftToTheKernel, surveyRows } from './windows.ts';

export const PAGE_PATH = 'docs/survey-windows.md';

const seconds = (s: number): string => String(Math.round(s * 10) / 10);

function windowText(window: WindowS | undefined): string {
  if (window === undefined) return '';
  if (window === null) return 'never';
  const [from, to] = window.map(seconds);
  return from === to ? `${from} s` : `${from} s … ${to} s`;
}

const told: Readonly<Record<Instant, string>> = {
  decided: '',
  closed: ' (until the descriptor is closed)',
  forgotten: ' (from close to the kernel forgetting the socket)',
};

/** What the peer does, and when: `vanishes or stops while nobody was sending`. */
function happens(row: SurveyRow): string {
  const whensOf = new Map<string, string[]>();
  for (const name of row.stories) {
    const { peer, when } = stories[name];
    whensOf.set(peer, [...(whensOf.get(peer) ?? []), when]);
  }
  const peersOf = new Map<string, string[]>();
  for (const [peer, whens] of whensOf) {
    const text = whens.join(' or ');
    peersOf.set(text, [...(peersOf.get(text) ?? []), peer]);
  }
  const parts = [...peersOf].map(([whens, peers]) => `${peers.join(' or ')} ${whens}`);
  return `${parts.join('; ')}${told[row.instant ?? 'decided']}`;
}

const policyText = ({ preset, settings }: SurveyRow): string =>
  settings === undefined ? preset : `${preset}(${settings})`;

function lines(rows: readonly SurveyRow[]): string[] {
  return rows.map((row) => {
    const { stated, shown } = row;
    const here = windowText(shown === undefined ? stated : shown);
    return `| \`${policyText(row)}\` | ${happens(row)} | ${windowText(stated)} | ${here} |`;
  });
}

function differences(): string[] {
  return surveyRows.flatMap((row) =>
    row.why === undefined
      ? []
      : [
          `- **\`${policyText(row)}\`**, ${happens(row)}: stated ${windowText(row.stated)}, here ${windowText(row.shown)}. Who is right? ${row.why}`,
        ],
  );
}

/** The whole page. */
export function surveyPage(): string {
  const sources = [...new Set(surveyRows.map(({ preset }) => preset))].map(
    (name) => `- \`${name}\`: ${presets[name]?.source ?? ''}`,
  );
  return `# What the systems say of themselves, and what comes out here

Each row is one built-in policy, with every setting at its default unless it says otherwise, and one or more ways for its peer to go. "Stated" is the window in which the system
decides as its source and documents have it (earliest and latest over every phase, round trip 0); "here" is the window that simulated lives must
lie in, and come near both ends of: within one tick of the clock that judges, or 1 % of the window over 10 000 lives. "never" means: never by a
mechanism of its own; a peer that has vanished with data on its way is then ended by the kernel at \`tcp_retries2\`, one whose kernel still answers by nobody.
The wire has a round trip of 1 ms. "Sends a little" is 30 bytes a second, which no buffer notices; "full" is a send path that takes nothing more.

| policy | the peer… | stated | here |
| ------ | --------- | ------ | ---- |
${lines(surveyRows).join('\n')}

Busy ghosts of ${leftToTheKernel.map((name) => `\`${name}\``).join(', ')} end by \`tcp_retries2\`: 924.6 s … 1044.6 s.

## Where the two differ

${differences().join('\n')}

## Where the figures are from

${sources.join('\n')}
`;
}
