/** Finds the `@example` blocks of doc comments and makes runnable code of them. */
import type { Source } from '../house/sources.ts';

export interface DocExample {
  /** File and line, for the test's name. */
  readonly where: string;
  readonly path: string;
  /** The exported name that the comment belongs to. */
  readonly documents: string;
  readonly code: string;
}

const DOC_COMMENT =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:function\*?|class|const|interface|type)\s+(\w+)/g;

export function docExamples(source: Source): DocExample[] {
  return [...source.text.matchAll(DOC_COMMENT)].flatMap((match) => {
    const [, comment = '', documents = ''] = match;
    const line = source.text.slice(0, match.index).split('\n').length;
    const lines = comment.split('\n').map((text) => text.replace(/^\s*\* ?/, ''));
    const start = lines.findIndex((text) => text.trim().startsWith('@example'));
    if (start < 0) return [];
    const rest = lines.slice(start + 1);
    const end = rest.findIndex((text) => text.startsWith('@'));
    const code = (end < 0 ? rest : rest.slice(0, end))
      .filter((text) => !text.startsWith('```'))
      .join('\n');
    return [{ where: `${source.path}:${line} ${documents}`, path: source.path, documents, code }];
  });
}

const IMPORT_LINE = /^import (\{.*\}) from ('[^']+');?$/;
const VALUE_LINE = /^(?!\s*\/\/)(.*?);?\s*\/\/ => (.*)$/;

/**
 * The body of an async function: `expression // => value` calls `__same`, an import awaits
 * `__import`. A block around it lets an import repeat a name that is in scope already.
 */
export function toTestCode(code: string): string {
  const lines = code
    .split('\n')
    .map((line) =>
      line
        .replace(IMPORT_LINE, 'const $1 = await __import($2);')
        .replace(VALUE_LINE, '__same($1, $2);'),
    );
  return ['{', ...lines, '}'].join('\n');
}
