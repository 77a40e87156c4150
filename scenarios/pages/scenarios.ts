/**
 * docs/scenarios.md: the built-in scenarios by what they are about, with what is believed and what is so, the states
 * that they are there for, and how others are written or drawn.
 */
import { figureNames, figures } from '../../model/results/figures.ts';
import { refusalsOf } from '../../model/scenario/combinations.ts';
import { rareStates } from '../../model/scenario/index.ts';
import type { Scenario, Story } from '../../model/scenario/types.ts';
import { storySchema } from '../../model/scenario/story-schema.ts';
import { descriptionOf } from '../../model/schema/words.ts';
import { scenarioGroups } from '../catalog/index.ts';
import { hops } from '../catalog/paths.ts';

const INTRO = `# Scenarios

A scenario is one story about one server and one client, as data: a fault, or a silence of a living peer, × what was being sent × the
path × the client × the server × the kernels × what else happens around it. \`ghostbound scenarios\` lists the built-in ones with their tags,
\`ghostbound scenarios show NAME\` prints one as a file that every verb takes as \`--scenario my-story.json\`; [schema/scenario.json](../schema/scenario.json)
says what may stand in it. \`@founding\` is the set that is compared when nothing is said, \`@all\` is everything, and any tag selects its group:
\`@fault\`, \`@live\`, \`@idle\`, \`@busy\`, \`@saturated\`, \`@path\`, \`@fleet\`, \`@browser\`, \`@broken-server\`, …

## The state that a scenario is there for

Each built-in scenario names in \`reaches\` what must have come about for its story to have been told, and yours may too. Results count the
runs that came to it (\`rareState\` of a row). Where no run of any row did, \`compare\` ends with exit code 6 and says which state it was: its rows would
say something about another story. A single \`run\` does the same. A run in which the policy kept the fault from happening, or ended the connection
before the state could come, does not count, so that nobody fails for having a good policy.
`;

const SWARM = `## Swarm

\`ghostbound compare --swarm 200 --seed 7\` holds policies against scenarios that nobody wrote: each part drawn on its own, from the seed. No ghost may
outlive a bound that is stated and no living peer may be reaped inside a silence that is said to be tolerated; a comparison that finds otherwise makes the
drawn scenario as plain as it can be and still break, and ends with the line that replays that. \`swarm-17\` is a scenario like any other wherever
\`--seed\` is given: \`ghostbound scenarios show swarm-17 --seed 7\` prints it, \`swarm-17-plain-load-path\` is the same with an idle load and an
ordinary path.
`;

const STORIES = `## Stories

What else happens around the connection, \`story\` says. A story with a fault or a setting that it cannot be told with is refused while the file is read
(exit code 2), with the reason; everything else is played. What a story comes to beyond its connection, its figures say, in every row and every run.
`;

const FIGURES = `Each of them is the worst of all runs in the table, and a distribution in \`--json\`. \`--max-recovery\`, \`--max-hang\`, \`--max-wait\`,
\`--max-drain\`, \`--max-standing\` and \`--accept-for\` hold a comparison to them.
`;

const cell = (text: string): string => text.replaceAll('|', '\\|');

function stateTable(): string {
  const rows = Object.entries(rareStates).map(([name, what]) => `| \`${name}\` | ${cell(what)} |`);
  return ['| state | what has come about |', '| --- | --- |', ...rows].join('\n');
}

function storyTable(): string {
  const rows = storySchema.options.map((story) => {
    const [kind] = story.entries.kind.options;
    const refused = refusalsOf(kind as Story['kind']).map(
      ({ setting, why }) => `${setting}: ${why}`,
    );
    return `| \`${kind}\` | ${cell(descriptionOf(story))} | ${cell(refused.join('<br>'))} |`;
  });
  return ['| story | what happens | not with |', '| --- | --- | --- |', ...rows].join('\n');
}

function figureTable(): string {
  const rows = figureNames.map((name) => {
    const { unit, meaning } = figures[name];
    return `| ${name} | ${unit} | ${cell(meaning)} |`;
  });
  return ['| figure | counts | what it is |', '| --- | --- | --- |', ...rows].join('\n');
}

function hopTable(): string {
  const rows = hops.map(
    ({ id, hop, idleMs, onExpiry, source }) =>
      `| \`path-${id}\` | ${cell(hop)} | ${idleMs / 1_000} | \`${onExpiry}\` | ${cell(source)} |`,
  );
  const head = '| scenario | hop | forgets after, s | manner | source |';
  return [head, '| --- | --- | ---: | --- | --- |', ...rows].join('\n');
}

function entry({ name, title, claim, truth, source, reaches, tags }: Scenario): string {
  return [
    `### ${name}`,
    '',
    `${title}.`,
    '',
    `- Believed: ${claim}`,
    `- So: ${truth}`,
    `- There for \`${reaches}\`. Tags: ${tags.map((tag) => `\`${tag}\``).join(', ')}.`,
    `- From ${source}`,
  ].join('\n');
}

/** The page. */
export function scenariosPage(): { readonly path: string; readonly text: string } {
  const groups = scenarioGroups.flatMap(({ title, members }) => {
    const isTable = members.every(({ name }) => name.startsWith('path-'));
    return [`## ${title}`, ...(isTable ? [hopTable()] : members.map(entry))];
  });
  const text = [
    INTRO,
    stateTable(),
    STORIES,
    storyTable(),
    figureTable(),
    FIGURES,
    SWARM,
    ...groups,
  ]
    .join('\n\n')
    .replaceAll('\n\n\n', '\n\n');
  return { path: 'docs/scenarios.md', text: `${text}\n` };
}
