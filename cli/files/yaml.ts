/** Reads YAML 1.2 and says line and column of what is wrong. */
import { LineCounter, parseDocument } from 'yaml';
import type { Result } from '../../model/issue.ts';

/** Aliases that grow a small file into a large value are none that people write. */
const MOST_ALIASES = 100;

/** Parses `text` as one YAML document; `path` names the file in the issue. */
export function parseYaml(text: string, path: string): Result<unknown> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const issue = (place: string, received: string): Result<never> => ({
    ok: false,
    issues: [{ code: 'malformed-yaml', path: `${path}${place}`, received, expected: 'YAML' }],
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return issue(`: line ${line} column ${col}`, error.message.split('\n')[0] ?? 'no YAML');
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: MOST_ALIASES }) as unknown };
  } catch (thrown) {
    return issue('', thrown instanceof Error ? thrown.message : 'no YAML');
  }
}
