/**
 * How many columns a text takes on a terminal, and how to cut, pad and clean it. Names and titles
 * come from users' files: a control character in one must not steer the reader's terminal.
 */

/** Control characters, line and paragraph separators, and the marks that steer writing direction. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Combining marks and joiners: drawn on the character before. */
const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** East Asian wide and emoji blocks (Unicode UAX #11, the ranges terminals agree on). */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]$/u;

/** Shows control characters as `\u001b` instead of sending them. */
export function printable(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Columns that `text` takes; it must hold no control characters. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (ZERO_WIDTH.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Cuts `text` to at most `columns`, the last of them an ellipsis where something was cut. */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return '';
  let kept = '';
  let width = 0;
  for (const character of text) {
    const next = displayWidth(character);
    if (width + next > columns - 1) break;
    kept += character;
    width += next;
  }
  return `${kept}…`;
}

/** Cuts `text` in its middle, so that what tells long names apart at their ends stays. */
export function cutMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  const characters = [...text];
  const tail: string[] = [];
  let width = 0;
  for (const character of characters.toReversed()) {
    const next = displayWidth(character);
    if (width + next > (columns - 1) / 2) break;
    tail.unshift(character);
    width += next;
  }
  const head = truncate(text, columns - width);
  return head.endsWith('…') ? head + tail.join('') : truncate(text, columns);
}

/** Fills `text` with spaces up to `columns`. */
export function pad(text: string, columns: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, columns - displayWidth(text)));
  return align === 'left' ? text + space : space + text;
}

/** Ties a number to its unit, so that no line breaks between them. */
export function tied(text: string): string {
  return text
    .replace(/(\d) (?=(?:ms|s|min|h|d|%)(?![\w-]))/g, '$1\u00a0')
    .replace(/(\u00a0(?:d|h|min)) (?=\d)/g, '$1\u00a0');
}

/** Breaks `text` at spaces into lines of at most `columns`; a longer word keeps its own line. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of tied(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  const all = line === '' ? lines : [...lines, line];
  return all.map((each) => each.replaceAll('\u00a0', ' '));
}

/** Wide enough for a sentence, narrow enough to be read. */
export const SENTENCE_COLUMNS = 100;

/**
 * A text in lines of at most `columns`, their leads among them: `first` before the first line, `rest` before the others.
 */
export function hanging(text: string, columns: number, first: string, rest: string): string[] {
  const room = columns - Math.max(displayWidth(first), displayWidth(rest));
  return wrap(text, room).map((line, index) => (index === 0 ? first : rest) + line);
}
