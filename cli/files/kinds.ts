/**
 * What a JSON file is by its fields, so that a scenario given as a policy is called a scenario instead of being held,
 * field by field, against what it is not.
 */
import type { Issue, Result } from '../../model/issue.ts';
import { readText } from './files.ts';
import { parseJson, parseJsonc } from './json.ts';
import { parseYaml } from './yaml.ts';

/** A kind of file that the command line reads or writes. */
export type FileKind =
  | 'policy'
  | 'scenario'
  | 'chain'
  | 'stack'
  | 'kernel trace'
  | 'certificate'
  | 'comparison'
  | 'verification'
  | 'run'
  | 'share'
  | 'tuning'
  | 'lint report'
  | 'policy list'
  | 'scenario list'
  | 'conformance report';

interface Kind {
  readonly name: string;
  /** The fields that only such a file has. */
  readonly marks: readonly string[];
  /** What takes it. */
  readonly use: string;
}

/** The most telling first: a run has a policy's name, too. */
const kinds: Readonly<Record<FileKind, Kind>> = {
  certificate: {
    name: 'a certificate of a verified policy',
    marks: ['policyHash', 'engineVersion'],
    use: 'attachReaper takes it in production',
  },
  share: {
    name: 'one share of a comparison',
    marks: ['kind', 'index', 'count', 'parts'],
    use: 'merge takes it',
  },
  'kernel trace': {
    name: 'a recorded kernel trace',
    marks: ['config', 'packets', 'log'],
    use: 'conform takes it',
  },
  run: {
    name: 'the result of run',
    marks: ['outcome', 'events'],
    use: 'the run that made it is named by its policy, scenario and seed',
  },
  tuning: {
    name: 'the result of tune',
    marks: ['request', 'alternatives'],
    use: 'tune --out writes the policy alone',
  },
  verification: {
    name: 'the result of verify',
    marks: ['phases', 'rows'],
    use: 'verify --out writes the certificate',
  },
  comparison: {
    name: 'the result of compare',
    marks: ['seed', 'runs', 'rows'],
    use: 'no verb reads it; compare --report draws it',
  },
  'conformance report': {
    name: 'the result of conform',
    marks: ['schemaVersion', 'rows'],
    use: 'no verb reads it',
  },
  'lint report': {
    name: 'the result of lint',
    marks: ['subjects', 'findings'],
    use: 'no verb reads it',
  },
  'policy list': {
    name: 'a list of policies',
    marks: ['schemaVersion', 'policies'],
    use: 'policies show NAME writes one of it',
  },
  'scenario list': {
    name: 'a list of scenarios',
    marks: ['schemaVersion', 'scenarios'],
    use: 'scenarios show NAME writes one of it',
  },
  chain: { name: 'a chain of timeouts', marks: ['hops'], use: 'stacks have replaced it' },
  stack: { name: 'a stack', marks: ['parties'], use: '--stack takes it' },
  scenario: { name: 'a scenario', marks: ['kind'], use: '--scenario takes it' },
  policy: { name: 'a policy', marks: ['mechanisms'], use: '--policy takes it' },
};

/** A scenario says which kind it is; a policy's own `kind` stands deeper. */
const scenarioKinds: ReadonlySet<unknown> = new Set(['fault', 'live']);

function isOf(json: Readonly<Record<string, unknown>>, kind: FileKind): boolean {
  if (!kinds[kind].marks.every((mark) => Object.hasOwn(json, mark))) return false;
  if (kind === 'scenario') return scenarioKinds.has(json['kind']);
  return kind !== 'share' || json['kind'] === 'shard';
}

/** Which kind a document is; undefined where nothing tells. */
export function fileKind(json: unknown): FileKind | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const fields = json as Readonly<Record<string, unknown>>;
  return (Object.keys(kinds) as FileKind[]).find((kind) => isOf(fields, kind));
}

/** What is to be said of a file of another kind than `reads`; undefined where it may be one, if a faulty one. */
function wrongKind(
  json: unknown,
  path: string,
  reader: string,
  reads: readonly FileKind[],
): Issue | undefined {
  const kind = fileKind(json);
  if (kind === undefined || reads.includes(kind)) return undefined;
  const { name, use } = kinds[kind];
  const wanted = reads.map((one) => kinds[one].name).join(' or ');
  return {
    code: 'wrong-kind-of-file',
    path,
    received: name,
    expected: `${reader} reads ${wanted}`,
    hint: use,
  };
}

/** The value of a file: YAML by its name, else JSON, which may have comments in a file that is named so. */
function valueOf(text: string, path: string): Result<unknown> {
  if (/\.ya?ml$/.test(path)) return parseYaml(text, path);
  return path.endsWith('.jsonc') ? parseJsonc(text, path) : parseJson(text, path);
}

/** A JSON file as its text and its value; an issue where it cannot be read, or is of another kind than `reads`. */
export function readDocument(
  path: string,
  reader: string,
  reads: readonly FileKind[],
): Result<{ readonly text: string; readonly json: unknown }> {
  const text = readText(path);
  if (!text.ok) return text;
  const json = valueOf(text.value, path);
  if (!json.ok) return json;
  const wrong = wrongKind(json.value, path, reader, reads);
  if (wrong !== undefined) return { ok: false, issues: [wrong] };
  return { ok: true, value: { text: text.value, json: json.value } };
}
