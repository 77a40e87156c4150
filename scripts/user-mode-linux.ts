/**
 * `npm run user-mode-linux [-- --hz 100 --hz 1000]`: builds Debian's kernel as user-mode Linux with time travel, one for each tick, for
 * `ghostbound lab record`. Needs no root: the sources come from Debian's package linux-source-6.12, as installed or as downloaded by apt-get.
 * Each takes some 20 minutes of one core, and 7 MB; kernels that are there already, of the same sources and settings, are left alone.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  KERNEL_VERSION,
  kernelFolder,
  kernelImage,
  kernelTicks,
  type KernelTick,
} from '../lab/recorder/user-mode-linux.ts';

const PACKAGE = `linux-source-${KERNEL_VERSION}`;
const settings = readFileSync(
  fileURLToPath(new URL('../lab/recorder/user-mode-linux.config', import.meta.url)),
  'utf8',
);

/** What the kernel's own makefiles call, by the Debian package that has it. */
const TOOLS: Readonly<Record<string, string>> = {
  make: 'make',
  gcc: 'gcc',
  ld: 'binutils',
  flex: 'flex',
  bison: 'bison',
  bc: 'bc',
  xz: 'xz-utils',
  tar: 'tar',
};

class Refusal extends Error {}

function isThere(tool: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, tool)));
}

function run(command: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (done.status === 0) return;
  const printed = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim().split('\n').slice(-20);
  throw new Refusal(`${command} ${args.join(' ')} failed:\n${printed.join('\n')}`);
}

/** The archive of the sources: where the package puts it, or beside the kernels, downloaded. */
function archive(folder: string): string {
  const name = `usr/src/${PACKAGE}.tar.xz`;
  const installed = join('/', name);
  if (existsSync(installed)) return installed;
  const unpacked = join(folder, 'package', name);
  if (existsSync(unpacked)) return unpacked;
  if (!isThere('apt-get') || !isThere('dpkg-deb')) {
    throw new Refusal(
      `the sources come from Debian's package ${PACKAGE}, and there is no apt-get here; put them at ${installed}`,
    );
  }
  const fetched = spawnSync('apt-get', ['download', PACKAGE], { cwd: folder, encoding: 'utf8' });
  if (fetched.status !== 0) {
    throw new Refusal(
      `apt-get has no package ${PACKAGE} (Debian 12 has it among its security updates; apt-get update): ${fetched.stderr.trim()}`,
    );
  }
  for (const file of readdirSync(folder).filter((one) => one.startsWith(`${PACKAGE}_`))) {
    run('dpkg-deb', ['-x', file, 'package'], folder);
    rmSync(join(folder, file));
  }
  return unpacked;
}

/** A text of the sources, and what takes its place. */
type Edit = readonly [file: string, from: string, to: string];

const REGISTERS = 'arch/x86/um/os-Linux/registers.c';
const lines = (...each: readonly string[]): string => each.map((line) => `${line}\n`).join('');

/** As much of the registers as Linux 6.12 keeps of a process. */
const KEPT = 'FP_SIZE * sizeof(unsigned long)';
const kept = lines('\t\tiov.iov_base = fp_regs;', `\t\tiov.iov_len = ${KEPT};`);
const whole = lines('\t\tiov.iov_base = whole;', '\t\tiov.iov_len = sizeof(whole);');

/**
 * The tick becomes a setting. And ptrace(2) takes the floating point registers whole or not at all: 11 008 bytes on a processor with AMX, of which there is
 * room for 2 696; what no process has asked to use (arch_prctl(2), ARCH_REQ_XCOMP_PERM) is empty. Since 6.13 there is room for all.
 */
const EDITS: readonly Edit[] = [
  ['arch/um/Kconfig', 'config HZ\n\tint\n', 'config HZ\n\tint "Timer frequency"\n'],
  [REGISTERS, '#include <stdlib.h>\n', '#include <stdlib.h>\n#include <string.h>\n'],
  [
    REGISTERS,
    'static int have_xstate_support;\n',
    'static int have_xstate_support;\nstatic unsigned long whole[4096];\n',
  ],
  [
    REGISTERS,
    lines(
      `${kept}\t\tif (ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) < 0)`,
      '\t\t\treturn -errno;',
    ),
    lines(
      `${whole}\t\tif (ptrace(PTRACE_GETREGSET, pid, NT_X86_XSTATE, &iov) < 0)`,
      '\t\t\treturn -errno;',
      `\t\tmemcpy(fp_regs, whole, ${KEPT});`,
    ),
  ],
  [
    REGISTERS,
    `${kept}\t\tif (ptrace(PTRACE_SETREGSET`,
    `\t\tmemcpy(whole, fp_regs, ${KEPT});\n${whole}\t\tif (ptrace(PTRACE_SETREGSET`,
  ],
];

/** The sources, unpacked and edited. */
function sources(folder: string): string {
  const tree = join(folder, PACKAGE);
  if (existsSync(tree)) return tree;
  const fresh = join(folder, `unpacking.${process.pid}`);
  mkdirSync(fresh, { recursive: true });
  run('tar', ['-xf', archive(folder), '-C', fresh], folder);
  for (const [file, from, to] of EDITS) {
    const path = join(fresh, PACKAGE, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(from))
      throw new Refusal(`${file} of ${PACKAGE} is not what it was: ${from}`);
    writeFileSync(path, text.replace(from, to));
  }
  renameSync(join(fresh, PACKAGE), tree);
  rmSync(fresh, { recursive: true });
  return tree;
}

/** Such as 6.12.117. */
function releaseOf(tree: string): string {
  const makefile = readFileSync(join(tree, 'Makefile'), 'utf8');
  const part = (name: string) => new RegExp(`^${name} = (\\d+)$`, 'm').exec(makefile)?.[1] ?? '0';
  return ['VERSION', 'PATCHLEVEL', 'SUBLEVEL'].map(part).join('.');
}

function configure(tree: string, objects: string, hz: KernelTick): void {
  const make = (...goals: string[]) => run('make', ['ARCH=um', `O=${objects}`, ...goals], tree);
  make('tinyconfig');
  const file = join(objects, '.config');
  const wanted = `${settings}CONFIG_HZ=${hz}\n`;
  // Of a setting that stands there twice, the last holds.
  writeFileSync(file, `${readFileSync(file, 'utf8')}${wanted}`);
  make('olddefconfig');
  const taken = new Set(readFileSync(file, 'utf8').split('\n'));
  const refused = wanted
    .split('\n')
    .filter((line) => /^CONFIG_\w+=(?!n$)/.test(line) && !taken.has(line));
  if (refused.length > 0) throw new Refusal(`this kernel does not take ${refused.join(', ')}`);
}

function build(hz: KernelTick, folder: string): void {
  const tree = sources(folder);
  const release = releaseOf(tree);
  const image = kernelImage(hz, folder);
  const key = createHash('sha256')
    .update(`${release}\n${settings}\n${EDITS.flat().join('\n')}`)
    .digest('hex');
  const keyFile = `${image}.key`;
  if (existsSync(image) && existsSync(keyFile) && readFileSync(keyFile, 'utf8') === key) {
    process.stdout.write(`${image}: is there (Linux ${release})\n`);
    return;
  }
  process.stdout.write(`building Linux ${release} with HZ ${hz}: some 20 minutes of one core\n`);
  const objects = join(folder, `objects-hz${hz}`);
  mkdirSync(objects, { recursive: true });
  configure(tree, objects, hz);
  run('nice', ['-n', '19', 'make', 'ARCH=um', `O=${objects}`, 'linux'], tree);
  copyFileSync(join(objects, 'linux'), `${image}.part`);
  run('strip', [`${image}.part`], folder);
  renameSync(`${image}.part`, image);
  writeFileSync(`${image}.release`, `${release}\n`);
  writeFileSync(keyFile, key);
  rmSync(objects, { recursive: true });
  process.stdout.write(`built ${image}\n`);
}

function ticksOf(words: readonly string[] | undefined): readonly KernelTick[] {
  if (words === undefined) return kernelTicks;
  return words.map((word) => {
    const tick = kernelTicks.find((one) => String(one) === word);
    if (tick === undefined) {
      throw new Refusal(
        `--hz: received ${JSON.stringify(word)}; expected ${kernelTicks.join(', ')}`,
      );
    }
    return tick;
  });
}

function main(): void {
  const { values } = parseArgs({ options: { hz: { type: 'string', multiple: true } } });
  const ticks = ticksOf(values.hz);
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Refusal(
      `user-mode Linux is built on Linux on x86-64; this is ${process.platform} on ${process.arch}`,
    );
  }
  const missing = Object.keys(TOOLS).filter((tool) => !isThere(tool));
  if (missing.length > 0) {
    const packages = missing.map((tool) => TOOLS[tool]).join(' ');
    throw new Refusal(
      `${missing.join(', ')} missing; on Debian: apt-get install libc6-dev ${packages}`,
    );
  }
  const folder = kernelFolder();
  mkdirSync(folder, { recursive: true });
  for (const hz of ticks) build(hz, folder);
}

try {
  main();
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`user-mode-linux: ${error.message}\n`);
  process.exitCode = 1;
}
