// Rules of the mutation run: one small mistake each, of those that clocks invite. A rule looks at a node of the syntax tree and says what would stand there instead.

/** A unit, by its name or its factor: between ms, µs, s and jiffies. */
const UNIT = /^(?:US_PER_MS|MS_PER_S|US_PER_S|1_?000|1_000_000|tickUs|hz|HZ)$/;

const SWAPPED_NAMES = {
  lo: 'hi',
  hi: 'lo',
  least: 'most',
  most: 'least',
  toClientUs: 'toServerUs',
  toServerUs: 'toClientUs',
  sndNxt: 'sndUna',
  sndUna: 'sndNxt',
};

const RESETS = new Set([
  'drop',
  'reset',
  'clear',
  'cancel',
  'delete',
  'disarm',
  'stop',
  'clearTimeout',
  'clearInterval',
]);
const RESET_VALUE = /^(?:0|-1|null|undefined|false|Infinity|NaN)$/;

const INSTANT = /(?:Us|Ms|At|From|J|nowUs|now|jiffies)\)?$/i;

const BOUNDARY = { '<': '<=', '<=': '<', '>': '>=', '>=': '>' };

/** A source file while its mutants are collected. */
class Collected {
  mutants = [];
  #file;
  #source;

  constructor(file, source) {
    this.#file = file;
    this.#source = source;
  }

  text(node) {
    return this.#source.text.slice(node.getStart(this.#source), node.getEnd());
  }

  add(rule, node, after) {
    const { text } = this.#source;
    const [start, end] = [node.getStart(this.#source), node.getEnd()];
    const line = text.slice(0, start).split('\n').length;
    this.mutants.push({
      file: this.#file,
      line,
      rule,
      before: text.slice(start, end),
      after,
      start,
      end,
    });
  }
}

function call(node, into) {
  const callee = into.text(node.expression);
  if (callee === 'Math.min' || callee === 'Math.max') {
    into.add('swapped minimum', node.expression, callee === 'Math.min' ? 'Math.max' : 'Math.min');
  }
  if (/^(?:Math\.(?:floor|ceil)|\w*(?:msToJiffies|usToJiffies|DelayJ))$/.test(callee)) {
    into.add('off by one tick', node, `(${into.text(node)} + 1)`);
  }
}

function binary(node, into) {
  const operator = into.text(node.operatorToken);
  const [a, b] = [into.text(node.left), into.text(node.right)];
  const boundary = BOUNDARY[operator];
  if (boundary !== undefined) into.add('off by one', node, `${a} ${boundary} ${b}`);
  if (operator === '&&') into.add('flipped guard', node.operatorToken, '||');
  if (operator === '||') into.add('flipped guard', node.operatorToken, '&&');
  const isSum = operator === '+' || operator === '-';
  if (isSum && b === '1') into.add('off by one tick', node, a);
  if (isSum && INSTANT.test(a) && INSTANT.test(b)) {
    into.add('wrong origin', node, operator === '-' ? a : b);
  }
  const isScaled = operator === '*' || operator === '/';
  if (isScaled && UNIT.test(b.split('.').at(-1))) into.add('wrong unit', node, a);
}

function statement({ expression }, node, into, kinds) {
  if (expression.kind === kinds.BinaryExpression) {
    const { operatorToken, right } = expression;
    const resets = into.text(operatorToken) === '=' && RESET_VALUE.test(into.text(right));
    if (resets) into.add('missing reset', node, ';');
  }
  if (expression.kind === kinds.CallExpression) {
    const name = into.text(expression.expression).split(/[.#]/).at(-1);
    if (RESETS.has(name)) into.add('missing reset', node, ';');
  }
}

function otherEnd(node, into) {
  const name = into.text(node.name);
  if (!Object.hasOwn(SWAPPED_NAMES, name)) return;
  into.add('wrong end', node, `${into.text(node.expression)}.${SWAPPED_NAMES[name]}`);
}

/** Every mutant of a source file. @param kinds the compiler's SyntaxKind */
export function mutantsOf(file, source, kinds) {
  const into = new Collected(file, source);
  const left = new Set([
    kinds.ImportDeclaration,
    kinds.InterfaceDeclaration,
    kinds.TypeAliasDeclaration,
    kinds.ThrowStatement,
  ]);
  const visit = (node) => {
    if (left.has(node.kind)) return;
    if (node.kind === kinds.CallExpression) {
      if (into.text(node.expression) === 'assert') return;
      call(node, into);
    } else if (node.kind === kinds.BinaryExpression) binary(node, into);
    else if (node.kind === kinds.IfStatement) {
      into.add('flipped guard', node.expression, `!(${into.text(node.expression)})`);
    } else if (node.kind === kinds.ExpressionStatement) statement(node, node, into, kinds);
    else if (node.kind === kinds.PropertyAccessExpression) otherEnd(node, into);
    node.forEachChild(visit);
  };
  visit(source);
  return into.mutants;
}
