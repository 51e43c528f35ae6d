// Packages of Debian and Ubuntu that tests need.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

/** Installs the packages if that needs no password, and prevents them from starting system servers. */
export function installDebianPackages(packages) {
  if (!existsSync('/usr/bin/apt-get')) return;
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? [] : ['sudo', '-n'];
  if (!isRoot && spawnSync('sudo', ['-n', 'true']).status !== 0) return;
  console.error(`Installing ${packages.join(', ')} with apt-get`);
  const policy = '/usr/sbin/policy-rc.d';
  const blocksStart = !existsSync(policy);
  const asRoot = (args) => {
    const [file, ...rest] = [...sudo, ...args];
    return spawnSync(file, rest, { stdio: ['ignore', 2, 2] }).status === 0;
  };
  if (blocksStart) asRoot(['sh', '-c', `printf '#!/bin/sh\\nexit 101\\n' > ${policy} && chmod 755 ${policy}`]);
  try {
    const install = [
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      'install',
      '-y',
      '-q',
      '--no-install-recommends',
    ];
    if (!asRoot([...install, ...packages])) {
      asRoot(['apt-get', 'update', '-q']);
      asRoot([...install, ...packages]);
    }
  } finally {
    if (blocksStart) asRoot(['rm', '-f', policy]);
  }
}
