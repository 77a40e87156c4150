// Takes away declarations that nobody can import: types are found from the entries of the package, and only those that an entry's reach.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const NAMED = /(?:from|import\()\s*['"](\.[^'"]+)['"]/g;

/** @param folder the compiled package's */
export function pruneTypes(folder) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = Object.values(exports).flatMap((entry) => entry.import?.types ?? []);
  const reached = new Set(entries.map((path) => normalize(path.replace('./dist/', ''))));
  for (const file of reached) {
    const text = readFileSync(join(folder, file), 'utf8');
    for (const [, specifier] of text.matchAll(NAMED)) {
      reached.add(join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts')));
    }
  }
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.d.ts'));
  for (const file of files) if (!reached.has(file)) rmSync(join(folder, file));
}
