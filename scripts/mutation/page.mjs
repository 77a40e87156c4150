// The page of a mutation run: how many of each room were killed, every survivor, and every mutant with what killed it.
import { readFileSync } from 'node:fs';

const equivalent = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'));

function reasonOf({ file, before, after }) {
  return equivalent.find((one) => one.file === file && one.before === before && one.after === after)
    ?.because;
}

/** Code in a cell of a table. */
function code(text) {
  const line = text.replace(/\s+/g, ' ');
  const shown = line.length > 90 ? `${line.slice(0, 89)}…` : line;
  return `\`${shown.replaceAll('|', '\\|')}\``;
}

function place({ file, line }) {
  return `${file}:${line}`;
}

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

export function page({ commit, seed, mutants }) {
  const rooms = [...new Set(mutants.map(({ room }) => room))];
  const survived = mutants.filter((one) => one.killedBy === null);
  const open = survived.filter((one) => reasonOf(one) === undefined);
  const same = survived.filter((one) => reasonOf(one) !== undefined);
  const killed = mutants.filter((one) => one.killedBy !== null);
  const counts = rooms.map((room) => {
    const of = (list) => list.filter((one) => one.room === room).length;
    return [`\`${room}\``, of(mutants), of(killed), of(same), of(open)];
  });
  return `# Mutation testing

\`npm run mutate\` changes the sources at one point, in a temporary copy, and runs the tests that judge the file, up to the first that fails (DeMillo, Lipton, Sayward 1978). The
changes are made by rule over the syntax tree (\`scripts/mutation/rules.mjs\`): a comparison off by one, a tick more, a flipped guard, a swapped minimum, a wrong unit, a wrong origin or end
of a time, a reset that is missing. Which of them are tried hangs on a seed and on the sources, room by room, rule by rule. It takes hours, so it is run by hand.

This page is of seed ${seed}, begun at commit ${commit}: ${mutants.length} mutants, ${killed.length} killed, ${same.length} equivalent, **${open.length} that the tests of their own room let
pass**. A survivor here is one of a room's own tests, judged by no others yet (\`--again FILE --wide\`): other rooms may see it.

${table(['room', 'mutants', 'killed', 'equivalent', 'survived'], counts)}

## Survivors

${table(
  ['where', 'rule', 'was', 'became'],
  open.map((one) => [place(one), one.rule, code(one.before), code(one.after)]),
)}

## Equivalent

${table(
  ['where', 'was', 'became', 'why nothing changes'],
  same.map((one) => [place(one), code(one.before), code(one.after), reasonOf(one)]),
)}

## Killed

${table(
  ['where', 'rule', 'was', 'became', 'by'],
  killed.map((one) => [
    place(one),
    one.rule,
    code(one.before),
    code(one.after),
    one.killedBy.split(':')[0],
  ]),
)}
`;
}
