/**
 * A machine as a page of documentation: a Mermaid state diagram and the list of its transitions, both read
 * from the xstate machine that is compiled and run.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { delayNames } from './effects.ts';
import type { DelayNames } from './effects.ts';

/** One transition in words. */
interface Row {
  readonly from: AnyStateNode;
  /** undefined: the state is not left. */
  readonly to: AnyStateNode | undefined;
  readonly event: string;
  readonly guard: string;
  readonly effects: readonly string[];
}

/**
 * Mermaid's `stateDiagram-v2` of the part of the machine below `root`. Mermaid draws no edge between the insides of two
 * composite states, so the states are drawn flat, by their full names, and what holds in a state
 * holds in all its children; the regions of a parallel root are drawn beside each other. Edges between the same two
 * states are merged. `[*]` is the begin, and the end of what is drawn.
 */
export function mermaid(
  machine: AnyStateMachine,
  root: AnyStateNode = machine.root,
  withEffects = false,
): string {
  const sections = root.type === 'parallel' ? Object.values(root.states) : [root];
  const drawn = sections.map((section) => sectionLines(machine, root, section, withEffects));
  const body = drawn.flatMap((lines, index) => (index === 0 ? lines : ['--', ...lines]));
  const indented = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);
  const whole =
    sections.length === 1
      ? body
      : [
          `state "${unnumbered(root.key)}" as ${idOf(root, machine.root)} {`,
          ...indented(body),
          '}',
        ];
  return ['```mermaid', 'stateDiagram-v2', ...indented(whole), '```'].join('\n');
}

function sectionLines(
  machine: AnyStateMachine,
  root: AnyStateNode,
  section: AnyStateNode,
  withEffects: boolean,
): string[] {
  const edges = new Map<string, Set<string>>();
  const draw = (from: string, to: string, label: string): void => {
    const ends = `${from} --> ${to}`;
    edges.set(ends, (edges.get(ends) ?? new Set()).add(label));
  };
  for (const row of rowsOf(machine, section)) {
    if (row.to === undefined) continue;
    const to = isWithin(row.to, section) ? idOf(firstLeaf(row.to), root) : '[*]';
    for (const leaf of leavesOf(row.from)) draw(idOf(leaf, root), to, labelOf(row, withEffects));
  }
  const leaves = leavesOf(section);
  return [
    ...leaves.map((leaf) => `state "${nameOf(leaf, root)}" as ${idOf(leaf, root)}`),
    `[*] --> ${idOf(firstLeaf(section), root)}`,
    ...[...edges].map(([ends, labels]) => `${ends} : ${[...labels].join('<br/>')}`),
    ...leaves.filter(({ type }) => type === 'final').map((leaf) => `${idOf(leaf, root)} --> [*]`),
  ];
}

function labelOf({ event, guard, effects }: Row, withEffects: boolean): string {
  const condition = guard === '' ? '' : ` [${guard}]`;
  const does = withEffects && effects.length > 0 ? ` / ${effects.join(', ')}` : '';
  return event + condition + does;
}

function leavesOf(node: AnyStateNode): AnyStateNode[] {
  const children = Object.values(node.states);
  return children.length === 0 ? [node] : children.flatMap(leavesOf);
}

/** Where a transition to the node really ends. */
function firstLeaf(node: AnyStateNode): AnyStateNode {
  const next = node.type === 'compound' ? node.initial.target[0] : undefined;
  return next === undefined ? node : firstLeaf(next);
}

function isWithin(node: AnyStateNode, root: AnyStateNode): boolean {
  return root.path.every((key, index) => node.path[index] === key);
}

/** The transitions as a Markdown table: state, event, guard, next state, effects in order. */
export function transitionTable(
  machine: AnyStateMachine,
  root: AnyStateNode = machine.root,
): string {
  const lines = rowsOf(machine, root).map(({ from, to, event, guard, effects }) => {
    const next = to === undefined ? 'stays' : code(nameOf(to, root));
    const cells = [
      code(nameOf(from, root)),
      code(event),
      guard,
      next,
      effects.map(code).join(', '),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| State | Event | Only if | Next | Effects |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function rowsOf(machine: AnyStateMachine, root: AnyStateNode): Row[] {
  const delays = delayNames(machine);
  const rows: Row[] = [];
  const visit = (node: AnyStateNode): void => {
    for (const transitions of node.transitions.values()) {
      for (const transition of transitions) {
        rows.push({
          from: node,
          to: transition.target?.[0],
          event: eventName(transition.eventType, delays),
          guard: readable(transition.guard),
          effects: transition.actions.map(readable),
        });
      }
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(root);
  return rows;
}

function eventName(type: string, delays: DelayNames): string {
  const delay = delays.get(type);
  return unnumbered(delay === undefined ? type : `after ${delay}`);
}

/** The name of an action or a guard, `raise(event)` for what a machine tells itself. */
function readable(part: unknown): string {
  if (part === undefined) return '';
  if (typeof part === 'string') return part;
  const { type, params } = part as { readonly type: string; readonly params?: unknown };
  return type === 'raise' ? `raise ${unnumbered((params as { type: string }).type)}` : type;
}

function nameOf(node: AnyStateNode, root: AnyStateNode): string {
  const path = isWithin(node, root) ? node.path.slice(root.path.length) : node.path;
  return unnumbered(path.join('.')) || 'any';
}

/** Mechanisms are numbered in a policy; a page shows one of them alone. */
function unnumbered(name: string): string {
  return name.replace(/[-.]0\b/g, '');
}

function idOf(node: AnyStateNode, root: AnyStateNode): string {
  return nameOf(node, root).replace(/\W/g, '_');
}

function code(text: string): string {
  return `\`${text}\``;
}
