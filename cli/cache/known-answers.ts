/**
 * Answers of earlier runs of the program. An answer is kept under a hash of everything that it follows from: the question (policy, scenario,
 * seed, runs) and the engine, each whole. So it is never that of another question or of another engine, and what comes out has the same
 * bytes as if it had been worked out again.
 *
 * They lie in `ghostbound/answers/ENGINE/` below `XDG_CACHE_HOME`, or below `~/.cache`, a file each. Whoever cannot write there works without.
 */
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { cacheFolder } from '../../lab/cache-folder.ts';
import { engineHash } from './engine.ts';

/** Answers of an engine to which nothing was added for so long are thrown away once there are those of another one. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** Everything that an answer follows from, beside the engine: plain data, with the same order of fields each time. Written as V8 does, which tells Infinity from null. */
export type Question = readonly unknown[];

export class KnownAnswers {
  readonly #folder: string;
  readonly #engine: string;
  #writes = 0;
  #isWritable: boolean | null = null;

  /**
   * @param home where the answers of all engines lie
   * @param engine what tells this one from all others
   */
  constructor(home: string, engine: string) {
    this.#engine = engine;
    this.#folder = join(home, engine.slice(0, 32));
  }

  /** What was answered; undefined where nobody has asked, or the file cannot be read. */
  read(question: Question): unknown {
    try {
      return deserialize(readFileSync(this.#fileOf(question)));
    } catch {
      return undefined;
    }
  }

  /** Keeps an answer, where it can be kept. */
  keep(question: Question, answer: unknown): void {
    this.#isWritable ??= this.#prepare();
    if (!this.#isWritable) return;
    const file = this.#fileOf(question);
    // Another process may read or write the same one: it sees all of it, or nothing.
    const fresh = `${file}.${process.pid}.${(this.#writes += 1)}`;
    try {
      writeFileSync(fresh, serialize(answer), { mode: 0o600 });
      renameSync(fresh, file);
    } catch {
      this.#isWritable = false;
      rmSync(fresh, { force: true });
    }
  }

  #fileOf(question: Question): string {
    const key = createHash('sha256').update(this.#engine).update(serialize(question));
    return join(this.#folder, key.digest('hex'));
  }

  #prepare(): boolean {
    try {
      const isNew = mkdirSync(this.#folder, { recursive: true, mode: 0o700 }) !== undefined;
      if (isNew) throwAwayOld(join(this.#folder, '..'));
      return true;
    } catch {
      return false;
    }
  }
}

/** Folders of engines in which nothing was written for long. */
function throwAwayOld(home: string): void {
  for (const name of readdirSync(home)) {
    const folder = join(home, name);
    if (Date.now() - statSync(folder).mtimeMs > KEPT_MS) rmSync(folder, { recursive: true });
  }
}

/** Where answers are kept; null where there is no such place. */
export function cacheHome(variables: NodeJS.ProcessEnv = process.env): string | null {
  const folder = cacheFolder('answers', variables);
  return isAbsolute(folder) ? folder : null;
}

/** The answers that this program may take from earlier runs; null where it is to work everything out, or does not know itself. */
export function knownAnswers({ cache = true }: CacheFlags): KnownAnswers | null {
  if (!cache) return null;
  const [home, engine] = [cacheHome(), engineHash()];
  return home === null || engine === null ? null : new KnownAnswers(home, engine);
}

/** Whether answers of earlier runs are taken. */
export interface CacheFlags {
  readonly cache?: boolean;
}
