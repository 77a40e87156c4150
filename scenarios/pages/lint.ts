/** docs/lint.md: every rule, as the code states it. Written by `npm run generate`. */
import { stackRules, policyRules, stopRules } from '../../model/lint/registry.ts';

const INTRODUCTION = `# Rules of the linter

\`ghostbound lint\` holds a policy, or a [stack](stacks.md) from the client to the orchestrator, against these rules. This page is generated from the rules themselves (\`npm run generate\`).

- **error**: living peers are cut off, or ghosts stand for ever, while everything works as configured.
- **warning**: the same under circumstances that do occur.
- **note**: it works, but not as the numbers read.

The severity is the worst that a rule can find. An error or a warning is said only where a simulated life has shown it, and names
that life; what no life shows is at most a note. A policy alone is judged on a path of 50 ms, idle, busy and saturated, in a stack by what is effective
on its links: its own options, what the client and the proxies send, path and load.`;

interface Described {
  readonly name: string;
  readonly severity: string;
  readonly summary: string;
  readonly source: string;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

function rows(rules: readonly Described[]): string {
  return rules
    .map(
      ({ name, severity, summary, source }) =>
        `| \`${name}\` | ${severity} | ${cell(summary)} | ${cell(source)} |`,
    )
    .join('\n');
}

function section(title: string, rules: readonly Described[]): string {
  const header = '| rule | severity | fires when | who found out |\n| --- | --- | --- | --- |';
  return `## ${title}\n\n${header}\n${rows(rules)}`;
}

/** The page and where it lies. */
export function lintPage(): { readonly path: string; readonly text: string } {
  const parts = [
    INTRODUCTION,
    section('A policy', policyRules),
    section('A stack', [...stackRules, ...stopRules]),
  ];
  return { path: 'docs/lint.md', text: `${parts.join('\n\n')}\n` };
}
