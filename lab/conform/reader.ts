/** Reading JSON of unknown shape: every complaint names its field, and there is always a value to go on with. */
import type { Issue } from '../../model/issue.ts';
import type { Side } from './trace.ts';

export type Json = Readonly<Record<string, unknown>>;

/** More complaints than this about one file help nobody. */
const MOST_ISSUES = 20;

/** Allowed values of a number; both ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly integer?: boolean;
}

/** Collects what is wrong, field by field. */
export class Reader {
  readonly issues: Issue[] = [];

  complain(path: string, expected: string, received: unknown): void {
    if (this.issues.length >= MOST_ISSUES) return;
    const shown = received === undefined ? 'nothing' : (JSON.stringify(received) ?? 'nothing');
    this.issues.push({
      code: received === undefined ? 'missing-field' : 'bad-value',
      path,
      expected,
      received: shown.length > 80 ? `${shown.slice(0, 77)}...` : shown,
    });
  }

  object(value: unknown, path: string, fallback?: Json): Json {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    if (value === undefined && fallback !== undefined) return fallback;
    this.complain(path, 'an object', value);
    return {};
  }

  list(value: unknown, path: string, fallback?: readonly unknown[]): readonly unknown[] {
    if (Array.isArray(value)) return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.complain(path, 'an array', value);
    return [];
  }

  number(value: unknown, path: string, range: Range, fallback?: number): number {
    if ((value === undefined || value === null) && fallback !== undefined) return fallback;
    const { min, max, integer = false } = range;
    if (typeof value === 'number' && value >= min && value <= max) {
      if (!integer || Number.isInteger(value)) return value;
    }
    this.complain(path, `${integer ? 'an integer' : 'a number'} from ${min} to ${max}`, value);
    return min;
  }

  /** A number that a recorder may not have written down. */
  optionalNumber(value: unknown, path: string, range: Range): number | null {
    return value === undefined || value === null ? null : this.number(value, path, range);
  }

  text(value: unknown, path: string, fallback?: string): string {
    if (typeof value === 'string') return value;
    if (value === undefined && fallback !== undefined) return fallback;
    this.complain(path, 'a string', value);
    return '';
  }

  optionalText(value: unknown, path: string): string | null {
    return value === undefined || value === null ? null : this.text(value, path);
  }

  flag(value: unknown, path: string, fallback: boolean): boolean {
    if (typeof value === 'boolean') return value;
    if (value === undefined) return fallback;
    this.complain(path, 'true or false', value);
    return fallback;
  }

  side(value: unknown, path: string): Side {
    if (value === 'server' || value === 'client') return value;
    this.complain(path, '"server" or "client"', value);
    return 'server';
  }
}
