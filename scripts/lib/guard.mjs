// Checks before publishing. Each returns a message if it fails, else a falsy value.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { relativeLinks } from './links.mjs';
import { tryRun } from './sandbox.mjs';
import { digest, newestGlibc, readJson, withUnpackedTarballs } from './tarball.mjs';
import { packageVersion, staleVersions } from './versions.mjs';

/** Checks by their name in the policy, with the context of {@link findViolations}. */
const CHECKS = {
  'clean-tree': ({ root }) => {
    const changed = git(root, ['status', '--porcelain']).split('\n').filter(Boolean);
    return changed.length > 0 && `The work tree differs from its commit (${changed[0].trim()} …). Commit or remove it`;
  },
  tagged: ({ root, policy, version }) => {
    const tag = policy.tag.replace('{version}', version);
    const isTagged = git(root, ['tag', '--points-at', 'HEAD']).split('\n').includes(tag);
    return !isTagged && `The commit has no tag ${tag}. Run: git tag ${tag}`;
  },
  'one-version': ({ root, version }) => {
    const [stale] = staleVersions(root);
    return stale && `${stale.file} has version ${stale.version}, not ${version}. Run: node scripts/version.mjs`;
  },
  changelog: ({ root, version }) => {
    const text = readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8');
    const sections = text.split(/^## /m).map((section) => section.split('\n'));
    const [heading, ...body] = sections.find(([title]) => title.split(' ')[0] === version) ?? [''];
    if (body.join('').trim() === '') return `CHANGELOG.md has no entry for ${version}. Add the changes`;
    const dated = / \(\d{4}-\d{2}-\d{2}\)$/.test(heading);
    return !dated && `CHANGELOG.md has no date for ${version}. Write: ## ${version} (YYYY-MM-DD)`;
  },
  'packages-complete': ({ policy, packages, version }) => {
    const expected = [policy.main, ...policy.platforms.map((name) => `${policy.main}-${name}`)];
    const found = packages.map(({ manifest }) => manifest.name);
    const missing = expected.filter((name) => !found.includes(name));
    const other = packages.find(({ manifest }) => !expected.includes(manifest.name) || manifest.version !== version);
    if (missing.length > 0) return `Not packed: ${missing.join(', ')}. Pack every package of release-policy.json`;
    return other && `${path.basename(other.file)} is not part of release ${version}. Remove it`;
  },
  'files-complete': ({ packages }) => {
    const missing = packages
      .flatMap((each) => declaredFiles(each.manifest).map((name) => [each, name]))
      .find(([{ folder }, name]) => !existsSync(path.join(folder, name)));
    return missing && `${missing[0].manifest.name} lacks ${missing[1]}, which its package.json lists. Pack it again`;
  },
  links: ({ packages }) => {
    for (const { folder, manifest } of packages) {
      for (const page of markdownIn(folder)) {
        const from = path.join(folder, path.dirname(page));
        const target = relativeLinks(readFileSync(path.join(folder, page), 'utf8')).find(
          (link) => !existsSync(path.join(from, link)),
        );
        if (target) return `${page} of ${manifest.name} links to ${target}, which is not packed. Pack it again`;
      }
    }
  },
  checksums: ({ packages, folder }) => {
    const lines = readIfExists(path.join(folder, 'SHA256SUMS')).split('\n');
    const changed = packages.find(({ file }) => !lines.includes(`${digest(file)}  ${path.basename(file)}`));
    return changed && `${path.basename(changed.file)} does not match SHA256SUMS. Pack it again`;
  },
  wheel: ({ policy, packages, version }) => {
    const main = packages.find(({ manifest }) => manifest.name === policy.main);
    const assets = path.join(main?.folder ?? '', 'assets', 'python');
    const manifestFile = path.join(assets, 'manifest.json');
    if (!existsSync(manifestFile)) return `${policy.main} has no wheel. Build and pack it again`;
    const manifest = readJson(manifestFile);
    if (manifest.version !== version)
      return `The wheel has version ${manifest.version}, not ${version}. Build it again`;
    const wrong = [manifest.wheel, manifest.lock].find(({ file, sha256, bytes }) => {
      const packed = path.join(assets, file);
      return !existsSync(packed) || statSync(packed).size !== bytes || digest(packed) !== sha256;
    });
    return wrong && `${wrong.file} does not match its manifest. Build and pack it again`;
  },
  budgets: ({ policy, packages }) => packages.map((each) => findBudgetViolation(each, policy)).find(Boolean),
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
        return `${name}@${version} exists in the registry. Raise the version${resume ? '' : ', or continue with --resume'}`;
      }
    }
  },
  smoke: async ({ root, folder }) => {
    const { code, stdout, stderr } = await tryRun(process.execPath, ['scripts/smoke.mjs', '--packages', folder], {
      cwd: root,
    });
    return code !== 0 && `The smoke test of the packages failed. See below\n${stdout}${stderr}`;
  },
};

/**
 * Runs the checks of the policy on the packages in `folder`; returns the messages of failed ones.
 *
 * `env` is the environment of npm; `resume` accepts packages that are published already with the same bytes.
 */
export async function findViolations({ root, folder, policy, env = process.env, resume = false }) {
  const unknown = policy.beforePublishing.find((name) => !(name in CHECKS));
  if (unknown) return [`release-policy.json has the unknown check ${unknown}`];
  const version = packageVersion(root);
  return withUnpackedTarballs(folder, async (packages) => {
    const violations = [];
    for (const name of policy.beforePublishing) {
      // It is slow, and useless after the failure of another check.
      if (name === 'smoke' && violations.length > 0) continue;
      const reason = await CHECKS[name]({ root, folder, policy, version, packages, env, resume });
      if (reason) violations.push(`${name}: ${reason}`);
    }
    return violations;
  });
}

/** Integrity of this version in the registry; `undefined` if it is not published. */
export async function publishedIntegrity({ manifest }, env) {
  const args = ['view', `${manifest.name}@${manifest.version}`, 'dist.integrity', '--json'];
  const { code, stdout, stderr } = await tryRun('npm', args, { env });
  if (code === 0) return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  if (`${stdout}${stderr}`.includes('E404')) return undefined;
  throw new Error(`Cannot query the registry for ${manifest.name}: ${stderr || stdout}`);
}

/** Integrity of a packed package, in the format of registries. */
export function integrity({ file }) {
  return `sha512-${digest(file, 'sha512', 'base64')}`;
}

function findBudgetViolation({ file, folder, manifest, bytes }, { main, budgets, dependencies }) {
  const { preinstall, install, postinstall } = manifest.scripts ?? {};
  if (preinstall ?? install ?? postinstall) return `${manifest.name} has an install script. Remove it`;
  const isMain = manifest.name === main;
  const size = isMain ? bytes : statSync(path.join(folder, manifest.main)).size;
  const maxBytes = isMain ? budgets.mainTarballBytes : budgets.platformBinaryBytes;
  if (size > maxBytes)
    return `${isMain ? path.basename(file) : manifest.main} has ${size} bytes, more than ${maxBytes}`;
  const other = Object.keys(manifest.dependencies ?? {}).find((name) => !(isMain && dependencies.includes(name)));
  return other && `${manifest.name} depends on ${other}, which release-policy.json does not list`;
}

/** Files that the package.json of a package refers to. */
function declaredFiles({ files = [], main, types, bin = {} }) {
  return [...files, main, types, ...Object.values(bin), 'LICENSE', 'README.md'].filter(Boolean);
}

function markdownIn(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.md'));
}

function git(root, args) {
  const { status, stdout, stderr, error } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${error?.message ?? stderr}`);
  return stdout;
}

function readIfExists(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}
