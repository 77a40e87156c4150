/**
 * The rules between the rooms: arrows run one way, what is below the edge has no clock, no
 * randomness and no input or output, and the map in docs/architecture.md shows every room.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  codeOnly,
  existingRooms,
  root,
  roomOf,
  rooms,
  sourcesOf,
  type Room,
  type Source,
} from './sources.ts';

/** Rooms whose code a room may run. */
const mayRun: Record<Room, readonly Room[]> = {
  model: ['model'],
  sim: ['model', 'sim'],
  scenarios: ['model', 'sim', 'scenarios'],
  proof: ['model', 'sim', 'scenarios', 'proof'],
  text: ['text'],
  viz: ['text', 'viz'],
  adapter: ['model', 'adapter'],
  lab: ['model', 'sim', 'scenarios', 'lab'],
  cli: ['model', 'sim', 'scenarios', 'proof', 'text', 'viz', 'lab', 'cli'],
};

/** Rooms of which a room may name the types besides. */
const mayName: Partial<Record<Room, readonly Room[]>> = {
  text: ['model'],
  viz: ['model'],
};

/** Packages a room may load; `node:` stands for Node's own modules. */
const mayLoad: Record<Room, readonly string[]> = {
  model: ['xstate', 'xstate/graph'],
  sim: [],
  scenarios: [],
  proof: [],
  text: [],
  viz: ['node:', 'vega', 'vega-lite', '@resvg/resvg-js'],
  adapter: ['node:', 'koffi'],
  lab: ['node:'],
  cli: ['node:', 'commander'],
};

/** Packages a room may name the types of. */
const mayNamePackage: Partial<Record<Room, readonly string[]>> = { adapter: ['ws'] };

const sources = sourcesOf(existingRooms);

function wrongArrows(source: Source): string[] {
  const room = roomOf(source.path) as Room;
  return source.imports.flatMap(({ specifier, path, typeOnly }) => {
    if (path !== undefined) {
      const to = roomOf(path) as Room;
      const fine = mayRun[room].includes(to) || (typeOnly && mayName[room]?.includes(to) === true);
      return fine ? [] : [`${source.path} imports ${path}`];
    }
    const name = specifier.startsWith('node:') ? 'node:' : specifier;
    const fine =
      mayLoad[room].includes(name) || (typeOnly && mayNamePackage[room]?.includes(name) === true);
    return fine ? [] : [`${source.path} imports the package ${specifier}`];
  });
}

describe('arrows between rooms', () => {
  it('run one way', () => {
    expect(sources.length).toBeGreaterThan(20);
    expect(sources.flatMap(wrongArrows)).toEqual([]);
  });

  it('never lead from what is played to what is claimed: nothing is watched or drawn because of a bound', () => {
    const plays = sources.filter(
      ({ path }) => roomOf(path) === 'sim' || path === 'scenarios/watch.ts',
    );
    expect(plays.length).toBeGreaterThan(20);
    const wrong = plays.flatMap(({ path, imports }) =>
      imports
        .filter((one) => one.path?.startsWith('model/bounds/') === true)
        .map((one) => `${path} imports ${one.path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('never close a circle between files', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const state = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (state.get(path) === 'done') return;
      if (state.get(path) === 'open') {
        circles.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
        return;
      }
      state.set(path, 'open');
      for (const target of byPath.get(path)?.imports ?? []) {
        if (target.path !== undefined && !target.typeOnly) visit(target.path, [...trail, path]);
      }
      state.set(path, 'done');
    };
    for (const source of sources) visit(source.path, []);
    expect(circles).toEqual([]);
  });

  it('know only the rooms of the map', () => {
    const known = new Set<string>([
      ...rooms,
      'test',
      'bench',
      'docs',
      'schema',
      'scripts',
      'dist',
      'node_modules',
      'out',
    ]);
    const folders = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => entry.name);
    expect(folders.filter((name) => !known.has(name) && !name.startsWith('dist.'))).toEqual([]);
  });
});

describe('below the edge', () => {
  const pure = sources.filter(({ path }) =>
    ['model', 'sim', 'scenarios', 'proof', 'text'].includes(roomOf(path)),
  );
  const banned =
    /\b(Date\b|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|performance\b|process\.|globalThis\b|require\(|crypto\b|fetch\()/;

  it('there is no clock, no randomness, no timer, no process and no file', () => {
    const offences = pure.flatMap(({ path, text }) =>
      codeOnly(text)
        .split('\n')
        .flatMap((line, index) =>
          banned.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [],
        ),
    );
    expect(offences).toEqual([]);
  });
});
