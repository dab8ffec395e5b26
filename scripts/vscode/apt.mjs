// Installs Debian packages, where there is apt-get and this user may: as root, or by a sudo that asks for no password.
import { pause, run } from './run.mjs';

const attempts = 4;

/**
 * @param isThere tells whether what was wanted has come
 * @returns undefined, or why it did not come
 */
export async function aptInstall(packages, isThere) {
  const words = await asRoot();
  if (words === undefined) return 'There is no apt-get here that this user may run.';
  process.stdout.write(`installing ${packages.join(', ')} (apt-get) …\n`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  // Somebody else may be at it, too.
  const [command, ...before] = [...words, 'apt-get', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  let last;
  for (let i = 1; i <= attempts; i++) {
    // The lists of a fresh container are empty or old. When one fails to come, the others may do.
    await run(command, [...before, 'update'], options);
    last = await run(command, [...before, 'install', '-y', '--no-install-recommends', ...packages], options);
    if (last.status === 0 && (await isThere())) return undefined;
    if (i < attempts) await pause(3000 * i);
  }
  return `apt-get install ${packages.join(' ')} did not help:\n${last.said}`;
}

async function asRoot() {
  if (process.platform !== 'linux' || (await run('apt-get', ['--version'])).status !== 0) return undefined;
  if (process.getuid() === 0) return [];
  // sudo hands no environment on unless told word by word.
  if ((await run('sudo', ['-n', 'true'])).status === 0) return ['sudo', '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  return undefined;
}
