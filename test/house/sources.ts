/** The project's own sources as the house rules see them: text, imports, code without comments. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const rooms = [
  'model',
  'sim',
  'scenarios',
  'proof',
  'text',
  'viz',
  'adapter',
  'lab',
  'cli',
] as const;
export type Room = (typeof rooms)[number];

/** The rooms that hold something. */
export const existingRooms = rooms.filter(
  (room) => existsSync(join(root, room)) && readdirSync(join(root, room)).length > 0,
);

export interface SourceImport {
  /** As written. */
  readonly specifier: string;
  /** Path from the project's root when relative, else undefined. */
  readonly path: string | undefined;
  readonly typeOnly: boolean;
}

export interface Source {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly imports: readonly SourceImport[];
}

const STATIC_IMPORT = /^\s*(?:import|export)\s+(type\s)?[^;'"]*?\bfrom\s+['"]([^'"]+)['"]/gm;
const BARE_IMPORT = /^\s*import\s+['"]([^'"]+)['"]/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** Replaces comments by spaces; strings stay (imports need them). */
export function withoutComments(text: string): string {
  return text.replace(
    /\/\*[\s\S]*?\*\/|(?<=^|[\s;{}(),])\/\/[^\n]*|('(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)/g,
    (match, string: string | undefined) => string ?? match.replace(/[^\n]/g, ' '),
  );
}

/** Replaces comments and the insides of string literals by spaces. */
export function codeOnly(text: string): string {
  return withoutComments(text).replace(
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g,
    (match) => match.replace(/[^\n]/g, ' '),
  );
}

function importsOf(path: string, text: string): SourceImport[] {
  const code = withoutComments(text);
  const found: { specifier: string; typeOnly: boolean }[] = [];
  for (const m of code.matchAll(STATIC_IMPORT)) {
    found.push({ specifier: m[2] ?? '', typeOnly: m[1] !== undefined });
  }
  for (const m of code.matchAll(BARE_IMPORT))
    found.push({ specifier: m[1] ?? '', typeOnly: false });
  for (const m of code.matchAll(DYNAMIC_IMPORT))
    found.push({ specifier: m[1] ?? '', typeOnly: false });
  return found.map(({ specifier, typeOnly }) => ({
    specifier,
    typeOnly,
    path: specifier.startsWith('.')
      ? normalize(join(dirname(path), specifier)).replaceAll('\\', '/')
      : undefined,
  }));
}

/** Every TypeScript file of the given rooms, sorted by path. */
export function sourcesOf(names: readonly string[]): Source[] {
  return names
    .flatMap((room) => filesBelow(join(root, room)))
    .map((file) => relative(root, file).replaceAll('\\', '/'))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

export function roomOf(path: string): string {
  return path.split('/')[0] ?? '';
}
