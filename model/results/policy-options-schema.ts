/** What `policies options --json` prints: a built-in policy as a system with settings and conditions. */
import { version } from '../schema/outputs.ts';
import { list, nullable, number, object, text, type Canonical } from '../schema/words.ts';

const runtime = object('What opens the sockets, and the socket options that it sets by itself.', {
  name: text('What it is.'),
  sets: text('What it sets, in words.', 1_000),
  source: text('Where that is from.', 1_000),
});

const option = object('One setting.', {
  name: text('Its name in the system the policy is from.'),
  default: text('Its value where nobody sets it.'),
  description: text('What it is.'),
  expected: text('What a value looks like.'),
  unit: text('What its values are measured in; of a time, the unit of a bare number.'),
  plausible: nullable(
    object('What somebody would choose, in ms, bytes or pieces.', {
      least: number('The smallest.', 0, Infinity),
      most: number('The largest.', 0, Infinity),
    }),
    'no such range',
  ),
});

export const policyOptionsSchema = object('What `policies options --json` prints.', {
  schemaVersion: version,
  name: text("The built-in policy's name."),
  aliases: list('Other words that mean it.', text('An alias.')),
  tags: list('What it is about, without the @.', text('A tag.')),
  assumes: list('Under which conditions the system does this.', text('A condition.', 1_000)),
  runtime,
  notModelled: list('What the system does and the policy does not say.', text('It.', 1_000)),
  options: list('Its settings, in the order of its name.', option),
});
/** What `policies options NAME --json` prints: a built-in policy as a system with settings. */
export interface PolicyOptions extends Canonical<typeof policyOptionsSchema> {}
