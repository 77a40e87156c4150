/**
 * What a process pays before it does anything: modules loaded and processor time, for each entry of the compiled package and for the
 * command line, beside a process that loads nothing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a start came to. */
export interface Loaded {
  readonly name: string;
  /** Modules of the package and of its dependencies, from a file or a package. */
  readonly modules: number;
  readonly ms: number;
  /** Its least time over that of the empty process. */
  readonly ratio: number;
}

const root = fileURLToPath(new URL('..', import.meta.url));

const STARTS: readonly (readonly [name: string, args: readonly string[]])[] = [
  ['start: an empty process', ['--input-type=module', '--eval', '']],
  ...(
    [
      'adapter/ws',
      'adapter/node',
      'adapter/client',
      'adapter/metrics',
      'adapter/policy',
      'index',
    ] as const
  ).map(
    (entry) =>
      [
        `start: ghostbound${entry === 'index' ? '' : entry.replace('adapter', '')}`,
        ['--input-type=module', '--eval', `await import('${root}dist/${entry}.js')`],
      ] as const,
  ),
  ...(
    [['--version'], ['policies'], ['lint', 'socket.io', '--no-cache'], ['--no-cache']] as const
  ).map(
    (words) =>
      [
        `start: the command line, ${words.join(' ')}`,
        [`${root}dist/cli/main.js`, ...words],
      ] as const,
  ),
  ...([['lint', 'socket.io'], []] as const).map(
    (words) =>
      [
        `start: the command line, ${words.join(' ') || 'nothing asked'}, as before`,
        [`${root}dist/cli/main.js`, ...words],
      ] as const,
  ),
];

const module = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

/** One line on standard error for each file that the module loader is asked for. */
const TELLS_MODULES = module(`
  import { register } from 'node:module';
  register(${JSON.stringify(
    module(`
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) {
        if (url.startsWith('file:')) writeSync(2, 'module ' + url + String.fromCharCode(10));
        return next(url, context);
      }`),
  )});`);

/** The processor time of the whole process, at its end, on standard error. */
const TELLS_TIME = module(`
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    process.stderr.write('microseconds ' + (user + system));
  });`);

/** Answers of the first round are taken in the others. */
const cache = mkdtempSync(join(tmpdir(), 'ghostbound-bench-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));

function tells(what: string, args: readonly string[]): string {
  const ran = spawnSync(process.execPath, ['--import', what, ...args], {
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: cache },
  });
  // lint may find something: 1.
  if (ran.status !== 0 && ran.status !== 1) throw new Error(ran.stderr);
  return ran.stderr;
}

const modulesOf = (args: readonly string[]): number =>
  tells(TELLS_MODULES, args).match(/^module /gm)?.length ?? 0;

const startMs = (args: readonly string[]): number =>
  Number(/microseconds (\d+)/.exec(tells(TELLS_TIME, args))?.[1]) / 1000;

/** Starts each in turn, round after round. Needs the compiled package. */
export function loading(rounds: number): Loaded[] {
  if (!existsSync(`${root}dist/index.js`)) throw new Error('npm run build first');
  const least = STARTS.map(() => Infinity);
  for (let round = 0; round < rounds; round += 1) {
    for (const [column, [, args]] of STARTS.entries()) {
      least[column] = Math.min(least[column] ?? Infinity, startMs(args));
    }
  }
  return STARTS.map(([name, args], column) => ({
    name,
    modules: modulesOf(args),
    ms: least[column] ?? Infinity,
    ratio: (least[column] ?? Infinity) / (least[0] ?? Infinity),
  }));
}
