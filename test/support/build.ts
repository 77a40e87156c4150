import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { kernelFolder } from '../../lab/recorder/index.ts';

/**
 * End-to-end tests run what users run: the compiled package, built once before all tests. None of them takes answers of an earlier run: a
 * cache cannot lie there. Kernels that are built stay where they are.
 */
export default function buildOnce(): void {
  process.env['GHOSTBOUND_KERNELS'] = kernelFolder();
  process.env['XDG_CACHE_HOME'] = '/dev/null';
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const done = spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: root, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the build failed:\n${done.stdout}${done.stderr}`);
}
