// What must be true before anything is published. Each check gives one sentence that refuses, or nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { tryRun } from './place.mjs';
import { digest, newestGlibc, readJson, withUnpacked } from './tarball.mjs';
import { staleVersions, wantedVersion } from './versions.mjs';

/** Every check by its name in the policy; each gets what {@link refusals} gathers. */
const CHECKS = {
  'clean-tree': ({ root }) => {
    const changed = git(root, ['status', '--porcelain']).split('\n').filter(Boolean);
    return changed.length > 0 && `The work tree differs from its commit (${changed[0].trim()} …). Commit or remove it`;
  },
  tagged: ({ root, policy, version }) => {
    const tag = policy.tag.replace('{version}', version);
    const there = git(root, ['tag', '--points-at', 'HEAD']).split('\n').includes(tag);
    return !there && `The commit has no tag ${tag}. Run: git tag ${tag}`;
  },
  'one-version': ({ root, version }) => {
    const [stale] = staleVersions(root);
    return stale && `${stale.file} has version ${stale.version}, not ${version}. Run: node scripts/version.mjs`;
  },
  changelog: ({ root, version }) => {
    const text = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
    const [, heading, body] = new RegExp(`^## ${version.replaceAll('.', '\\.')}(.*)\n([^#]*)`, 'm').exec(text) ?? [];
    if (!body?.trim()) return `CHANGELOG.md says nothing about ${version}. Write down what changed`;
    const dated = / \(\d{4}-\d{2}-\d{2}\)$/.test(heading);
    return !dated && `CHANGELOG.md gives no date for ${version}. Write: ## ${version} (YYYY-MM-DD)`;
  },
  'packages-complete': ({ policy, packages, version }) => {
    const wanted = [policy.main, ...policy.platforms.map((name) => `${policy.main}-${name}`)];
    const found = packages.map(({ manifest }) => manifest.name);
    const missing = wanted.filter((name) => !found.includes(name));
    const other = packages.find(({ manifest }) => !wanted.includes(manifest.name) || manifest.version !== version);
    if (missing.length > 0) return `Not packed: ${missing.join(', ')}. Pack every package of release-policy.json`;
    return other && `${path.basename(other.file)} is no part of release ${version}. Remove it`;
  },
  'files-complete': ({ packages }) => {
    const missing = packages
      .flatMap((each) => promised(each.manifest).map((name) => [each, name]))
      .find(([{ folder }, name]) => !existsSync(path.join(folder, name)));
    return missing && `${missing[0].manifest.name} lacks ${missing[1]}, which its package.json promises. Pack it again`;
  },
  checksums: ({ packages, folder }) => {
    const lines = readIfThere(path.join(folder, 'SHA256SUMS')).split('\n');
    const changed = packages.find(({ file }) => !lines.includes(`${digest(file)}  ${path.basename(file)}`));
    return changed && `${path.basename(changed.file)} is not what SHA256SUMS says. Pack it again`;
  },
  wheel: ({ policy, packages, version }) => {
    const main = packages.find(({ manifest }) => manifest.name === policy.main);
    const assets = path.join(main?.folder ?? '', 'assets', 'python');
    const described = path.join(assets, 'manifest.json');
    if (!existsSync(described)) return `${policy.main} has no wheel. Build and pack it again`;
    const manifest = readJson(described);
    if (manifest.version !== version)
      return `The wheel is of version ${manifest.version}, not ${version}. Build it again`;
    const wrong = [manifest.wheel, manifest.lock].find(({ file, sha256, bytes }) => {
      const packed = path.join(assets, file);
      return !existsSync(packed) || statSync(packed).size !== bytes || digest(packed) !== sha256;
    });
    return wrong && `${wrong.file} is not what its manifest says. Build and pack it again`;
  },
  budgets: ({ policy, packages }) => packages.map((each) => overBudget(each, policy)).find(Boolean),
  glibc: ({ policy, packages }) => {
    for (const { folder, manifest } of packages.filter((each) => each.manifest.libc?.includes('glibc'))) {
      const needed = newestGlibc(path.join(folder, manifest.main));
      const newer = needed && Number(needed.split('.')[1]) > Number(policy.glibc.split('.')[1]);
      if (newer) return `${manifest.name} needs glibc ${needed}, newer than ${policy.glibc}. Build it with --release`;
    }
  },
  'not-published': async ({ packages, env, resume }) => {
    for (const each of packages) {
      const { name, version } = each.manifest;
      const found = await publishedIntegrity(each, env);
      if (found && !(resume && found === integrity(each))) {
        return `${name}@${version} exists in the registry. Raise the version${resume ? '' : ', or go on with --resume'}`;
      }
    }
  },
  smoke: async ({ root, folder }) => {
    const { code, stdout, stderr } = await tryRun(process.execPath, ['scripts/smoke.mjs', '--packages', folder], {
      cwd: root,
    });
    return code !== 0 && `The smoke of the packages is red. See below\n${stdout}${stderr}`;
  },
};

/**
 * Why the packages in `folder` must not be published, as sentences; empty when they may be.
 *
 * `env` is the environment in which npm finds its registry; `resume` accepts what was published before with these bytes.
 */
export async function refusals({ root, folder, policy, env = process.env, resume = false }) {
  const unknown = policy.beforePublishing.find((name) => !(name in CHECKS));
  if (unknown) return [`release-policy.json asks for ${unknown}, which no check knows`];
  const version = wantedVersion(root);
  return withUnpacked(folder, async (packages) => {
    const refused = [];
    for (const name of policy.beforePublishing) {
      // It takes long, and means nothing when an earlier check has refused.
      if (name === 'smoke' && refused.length > 0) continue;
      const reason = await CHECKS[name]({ root, folder, policy, version, packages, env, resume });
      if (reason) refused.push(`${name}: ${reason}`);
    }
    return refused;
  });
}

/** The integrity under which the registry has this version; `undefined` where it has none. */
export async function publishedIntegrity({ manifest }, env) {
  const asked = ['view', `${manifest.name}@${manifest.version}`, 'dist.integrity', '--json'];
  const { code, stdout, stderr } = await tryRun('npm', asked, { env });
  if (code === 0) return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  if (`${stdout}${stderr}`.includes('E404')) return undefined;
  throw new Error(`The registry could not be asked for ${manifest.name}: ${stderr || stdout}`);
}

/** The integrity of a packed package as registries write it. */
export function integrity({ file }) {
  return `sha512-${digest(file, 'sha512', 'base64')}`;
}

function overBudget({ file, folder, manifest, bytes }, { main, budgets, dependencies }) {
  const { preinstall, install, postinstall } = manifest.scripts ?? {};
  if (preinstall ?? install ?? postinstall) return `${manifest.name} has an install script. Do without`;
  const isMain = manifest.name === main;
  const size = isMain ? bytes : statSync(path.join(folder, manifest.main)).size;
  const most = isMain ? budgets.mainTarballBytes : budgets.platformBinaryBytes;
  if (size > most) return `${isMain ? path.basename(file) : manifest.main} has ${size} bytes, more than ${most}`;
  const other = Object.keys(manifest.dependencies ?? {}).find((name) => !(isMain && dependencies.includes(name)));
  return other && `${manifest.name} depends on ${other}, which release-policy.json does not list`;
}

/** What a package promises to hold. */
function promised({ files = [], main, types, bin = {} }) {
  return [...files, main, types, ...Object.values(bin), 'LICENSE', 'README.md'].filter(Boolean);
}

function git(root, args) {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
