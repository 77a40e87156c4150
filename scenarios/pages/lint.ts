/** docs/lint.md: every rule, as the code states it. Written by `npm run generate`. */
import { chainRules, policyRules, stopRules } from '../../model/lint/registry.ts';

const INTRODUCTION = `# Rules of the linter

\`ghostbound lint\` holds a policy, or a chain of timeouts from the client to the orchestrator, against these rules. How a chain is
written: [\`lint\` in the command line's page](cli.md#lint). This page is generated from the rules themselves (\`npm run generate\`).

- **error**: living peers are cut off, or ghosts stand for ever, while everything works as configured.
- **warning**: the same under circumstances that do occur.
- **note**: it works, but not as the numbers read.

The severity is the worst that a rule can find. An error or a warning is said only where a simulated life has shown it, and names
that life; what no life shows is at most a note. A policy alone is judged on a path of 50 ms, idle, busy and saturated, in a chain by what is effective
there: the fields of its hop, the client's heartbeat, the chain's path and load.`;

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
    section('A chain', [...chainRules, ...stopRules]),
  ];
  return { path: 'docs/lint.md', text: `${parts.join('\n\n')}\n` };
}
