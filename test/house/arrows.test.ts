/**
 * The rules between the rooms: arrows run one way, what is below the edge has no clock, no
 * randomness and no input or output, and the map in docs/architecture.md shows every room.
 */
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
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
  type SourceImport,
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
  model: ['@noble/hashes/sha2.js', '@noble/hashes/utils.js', 'valibot', 'xstate', 'xstate/graph'],
  sim: [],
  scenarios: [],
  proof: [],
  text: [],
  viz: ['node:', 'vega', 'vega-lite', '@resvg/resvg-js'],
  adapter: ['node:', 'koffi'],
  lab: ['node:'],
  cli: ['node:', 'commander', 'jsonc-parser', 'yaml'],
};

/** Packages a room may name the types of. */
const mayNamePackage: Partial<Record<Room, readonly string[]>> = {
  adapter: ['ws'],
  scenarios: ['xstate'],
};

/** The simulator from the ground up: a folder may use those before it. */
const layersOfSim = [
  'sim',
  'sim/clock',
  'sim/network',
  'sim/kernel',
  'sim/websocket',
  'sim/trace',
  'sim/process',
  'sim/server',
  'sim/client',
  'sim/proxy',
  'sim/world/timeline',
  'sim/world',
];

const sources = sourcesOf(existingRooms);

type Graph = ReadonlyMap<string, readonly string[]>;

function filesOf(held: readonly Source[], counts: (one: SourceImport) => boolean): Graph {
  return new Map(
    held.map(({ path, imports }) => [
      path,
      imports.flatMap((one) => (one.path !== undefined && counts(one) ? [one.path] : [])),
    ]),
  );
}

/** The folder that a file counts for. In `model` that is the folder right below it, with all that is in that one. */
function folderOf(path: string): string {
  return roomOf(path) === 'model' ? dirname(path).split('/', 2).join('/') : dirname(path);
}

function foldersOf(held: readonly Source[]): Graph {
  const folders = new Map<string, string[]>();
  for (const { path, imports } of held) {
    const from = folderOf(path);
    const targets = folders.get(from) ?? [];
    folders.set(from, targets);
    for (const one of imports) {
      if (one.path !== undefined && folderOf(one.path) !== from) targets.push(folderOf(one.path));
    }
  }
  return folders;
}

/** Sets of nodes that reach each other (Tarjan's strongly connected components of more than one node). */
function knots(graph: Graph): string[] {
  const found: string[] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const visit = (node: string): number => {
    const index = order.size;
    order.set(node, index);
    let low = index;
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!graph.has(next)) continue;
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next))
        low = Math.min(low, lowest.get(next) ?? (order.get(next) as number));
    }
    lowest.set(node, low);
    if (low === index) {
      const knot = open.splice(open.indexOf(node));
      if (knot.length > 1) found.push(knot.toSorted().join(', '));
    }
    return low;
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}

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
      ({ path }) => roomOf(path) === 'sim' || /^scenarios\/(watch|run|swarm\/draw)\.ts$/.test(path),
    );
    expect(plays.length).toBeGreaterThan(20);
    const wrong = plays.flatMap(({ path, imports }) =>
      imports
        .filter(({ path: to }) => to !== undefined && /^model\/(bounds|reach)\//.test(to))
        .map((one) => `${path} imports ${one.path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('never close a circle between files, types included', () => {
    expect(knots(filesOf(sources, () => true))).toEqual([]);
  });

  it('never close a circle between folders, types included', () => {
    expect(knots(foldersOf(sources))).toEqual([]);
  });

  it('run upwards through the layers of the simulator', () => {
    const rank = new Map(layersOfSim.map((folder, index) => [folder, index]));
    const played = sources.filter(({ path }) => roomOf(path) === 'sim');
    expect([...new Set(played.map(({ path }) => dirname(path)))].toSorted()).toEqual(
      [...layersOfSim].toSorted(),
    );
    const wrong = played.flatMap(({ path, imports }) =>
      imports
        .filter((one) => one.path !== undefined && roomOf(one.path) === 'sim')
        .filter((one) => {
          const from = rank.get(dirname(path)) as number;
          return (rank.get(dirname(one.path as string)) as number) > from;
        })
        .map((one) => `${path} imports ${one.path}`),
    );
    expect(wrong).toEqual([]);
  });

  it('a circle is found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
      ['d', ['a']],
    ]);
    expect(knots(graph)).toEqual(['b, c']);
  });

  it('from production lead to what runs a policy, and to nothing that is built in or compared', () => {
    const graph = filesOf(sources, ({ typeOnly }) => !typeOnly);
    const loaded = new Set(
      sources
        .map(({ path }) => path)
        // What a process asks of policies is another entry than what runs one.
        .filter((path) => roomOf(path) === 'adapter' && path !== 'adapter/policy.ts'),
    );
    for (const path of loaded) for (const next of graph.get(path) ?? []) loaded.add(next);
    expect(loaded).toContain('model/policy/schema.ts');
    const unneeded = ['policy/presets', 'scenario', 'lint', 'stack', 'reach', 'bounds'];
    const found = [...loaded].filter((path) =>
      unneeded.some((one) => path.startsWith(`model/${one}/`)),
    );
    expect(found).toEqual([]);
  });

  it('from what a process asks of policies never lead to the simulator', () => {
    const graph = filesOf(sources, ({ typeOnly }) => !typeOnly);
    const loaded = new Set(['adapter/policy.ts']);
    for (const path of loaded) for (const next of graph.get(path) ?? []) loaded.add(next);
    expect(loaded).toContain('model/bounds/index.ts');
    expect([...new Set([...loaded].map(roomOf))].toSorted()).toEqual(['adapter', 'model']);
  });

  it('know only the rooms of the map', () => {
    const known = new Set<string>([
      ...rooms,
      'test',
      'bench',
      'examples',
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
