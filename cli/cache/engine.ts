/** Which engine this is: everything that is computed follows from the files that compute it, and from the Node that runs them. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A hash of the built program; null where it runs from its sources, of which nobody knows when they change.
 */
export function engineHash(): string | null {
  if (extname(import.meta.url) !== '.js') return null;
  // The bundle is one folder, with everything that it computes with in it.
  return hashOfFolder(fileURLToPath(new URL('.', import.meta.url)));
}

/** Of the program files of a folder, by name and content, under this version of Node. */
export function hashOfFolder(folder: string): string {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}`);
  const files = readdirSync(folder).filter((name) => extname(name) === '.js');
  for (const name of files.toSorted()) {
    const content = readFileSync(join(folder, name));
    hash.update(`\n${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
