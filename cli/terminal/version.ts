/** The version that users see: the one in package.json, wherever the program runs from. */
import { existsSync, readFileSync } from 'node:fs';
import { assert } from '../../model/assert.ts';

/** Beside the sources, and one further up from the compiled files in `dist`. */
const places = ['../../package.json', '../../../package.json'];

/** The `version` of this package. */
export function packageVersion(): string {
  const place = places
    .map((path) => new URL(path, import.meta.url))
    .find((path) => existsSync(path));
  assert(place !== undefined, 'the package has no package.json');
  const content: unknown = JSON.parse(readFileSync(place, 'utf8'));
  const version =
    typeof content === 'object' && content !== null && 'version' in content
      ? content.version
      : undefined;
  assert(typeof version === 'string', 'package.json has no version');
  return version;
}
