/**
 * Files as users name them: reading says why it failed in their words, writing is all or nothing (a
 * file beside the target, renamed at the end), so that what was there stays when anything fails.
 */
import {
  accessSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, type Issue, type Result } from '../../model/issue.ts';
import { formatCount } from '../../text/numbers.ts';

/** A recorded trace of a long run has some megabytes; more than this is the wrong file. */
const LARGEST_INPUT_BYTES = 256 * 1024 * 1024;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'this is a directory',
  ENOTDIR: 'the path leads through something that is no directory',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the path is a circle of symbolic links',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
};

/** The reason of a system error in words, or its code where it has none; rethrows what is no system error. */
function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined || !/^E[A-Z]/.test(code) || code.startsWith('ERR_')) throw error;
  return reasons[code] ?? code;
}

function fileIssue(code: string, path: string, received: string, expected: string): Issue {
  return { code, path, received, expected };
}

/** Reads a text file. */
export function readText(path: string): Result<string> {
  const expected = 'a file that can be read';
  try {
    const status = statSync(path);
    if (status.isDirectory()) {
      return {
        ok: false,
        issues: [fileIssue('unreadable-file', path, 'this is a directory', expected)],
      };
    }
    if (status.size > LARGEST_INPUT_BYTES) {
      const received = `a file of ${formatCount(status.size)} bytes`;
      const most = `at most ${formatCount(LARGEST_INPUT_BYTES)} are read`;
      return { ok: false, issues: [fileIssue('file-too-large', path, received, most)] };
    }
    return { ok: true, value: readFileSync(path, 'utf8') };
  } catch (error) {
    return {
      ok: false,
      issues: [fileIssue('unreadable-file', path, reasonOf(error), expected)],
    };
  }
}

/** Whether something with this name exists that is no directory. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
}

/**
 * Fails early where `path` cannot be written, so that nobody waits for a result that has no place.
 *
 * @throws InputError naming the path and the reason
 */
export function checkWritable(path: string): void {
  try {
    const present = statSync(path, { throwIfNoEntry: false });
    if (present?.isDirectory() === true) throw unwritable(path, 'this is a directory');
    if (present !== undefined) accessSync(path, constants.W_OK);
    if (present?.isFile() !== false) accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw error instanceof InputError ? error : unwritable(path, reasonOf(error));
  }
}

/**
 * Writes `content` to `path` at once: readers see the old file or the new one, never half of it.
 * Devices and pipes (`/dev/stdout`) are written straight, symbolic links are followed.
 *
 * @throws InputError where the path cannot be written; the file that was there is unchanged
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  checkWritable(path);
  const present = statSync(path, { throwIfNoEntry: false });
  const target = present === undefined ? path : realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  try {
    if (present?.isFile() === false) {
      writeFileSync(target, content);
      return;
    }
    writeFileSync(temporary, content, { flag: 'wx', ...(present && { mode: present.mode }) });
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw unwritable(path, reasonOf(error));
  }
}

/** Makes the directory with its parents where it is missing. */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw unwritable(path, reasonOf(error), 'a directory that can be made or is there');
  }
}

function unwritable(
  path: string,
  received: string,
  expected = 'a place where a file can be written',
): InputError {
  return new InputError([fileIssue('unwritable-file', path, received, expected)]);
}
