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

/**
 * An expression line that ends in `// => value` becomes a comparison; import lines go, since the
 * names come from the module itself and from the package's entry point.
 */
export function toTestCode(code: string): string {
  return code
    .split('\n')
    .filter((line) => !line.startsWith('import '))
    .map((line) => {
      const match = /^(?!\s*\/\/)(.*?);?\s*\/\/ => (.*)$/.exec(line);
      if (match === null) return line;
      return `__same(${match[1]}, ${match[2]});`;
    })
    .join('\n');
}
