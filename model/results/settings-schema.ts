/** What `tune --stack … --for` and `tune --policy` find: the changes of the options that systems have, and what then holds. */
import { ms, msOr, tested, version, words } from '../schema/outputs.ts';
import { boolean, list, nullable, object, text, type Canonical } from '../schema/words.ts';

const change = object('One option with another value.', {
  party: words('Who has it, as the stack calls it.'),
  option: words('Its name, in the words of the system.'),
  from: words('What holds today.'),
  to: words('What to set.'),
  /** `proxy_read_timeout 75s;`. */
  write: words('The line to write.'),
});
/** One option with another value. */
export interface SettingChange extends Canonical<typeof change> {}

const row = object('One demand, and what holds with the changes.', {
  party: words('Who judges.'),
  scenario: words('Name of the scenario.'),
  kind: tested,
  limitMs: ms('The most that B may be, or the least that T may be'),
  statedMs: msOr('B, or T, as it is proved', 'unbounded, or not proved'),
  proved: boolean('Whether that is proved.'),
  formula: words('The clocks that add up to it.'),
  met: boolean('Whether the demand is met.'),
});
/** One demand, and what holds with the changes. */
export interface SettingRow extends Canonical<typeof row> {}

export const settingsSchema = object('What `tune --json` prints with `--for` or `--policy`.', {
  schemaVersion: version,
  stack: words('The stack that was tuned.'),
  for: list('Whose options were tried.', text('A party.')),
  maxGhostMs: ms('No ghost may live longer'),
  met: boolean('Whether every demand is met.'),
  changes: list('What to set; of what cannot be met, the nearest.', change),
  rows: list('One row per demand and party that judges.', row),
  /** Missing: everything is met. */
  because: nullable(text('What cannot be met, and by how much.', 4_000), 'every demand is met'),
  tuned: nullable(
    text('The stack with the changes, in one line.', 4_000),
    'it has no one-line form',
  ),
});
/** The options that meet a request, or the nearest that there are. */
export interface SettingsTuning extends Canonical<typeof settingsSchema> {}
