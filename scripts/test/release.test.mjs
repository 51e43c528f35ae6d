// Tests of the checks before publishing, on real repositories, packages and a local registry.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { findViolations } from '../lib/guard.mjs';
import { absoluteLinks } from '../lib/links.mjs';
import { distTag, readPolicy } from '../lib/policy.mjs';
import { startRegistry } from '../lib/registry.mjs';
import { tryRun } from '../lib/sandbox.mjs';
import { root } from '../lib/steps.mjs';
import { newestGlibc, readJson, tarballsIn } from '../lib/tarball.mjs';
import { staleVersions, writeVersions } from '../lib/versions.mjs';
import { createProject, MAIN, PLATFORM, VERSION } from './project.mjs';

let original;
before(() => {
  original = createProject();
});
after(() => original.remove());

/** Runs one check on a modified project, and returns its message. */
async function runCheck(check, change = () => {}) {
  const project = createProject(original);
  try {
    await change(project);
    const policy = { ...readPolicy(project.folder), beforePublishing: [check] };
    const violations = await findViolations({ root: project.folder, folder: project.dist, policy });
    return violations.join('\n');
  } finally {
    project.remove();
  }
}

describe('publishing is rejected', () => {
  const cases = {
    'with uncommitted changes': [
      'clean-tree',
      (project) => project.write('new.txt', 'x'),
      /differs from its commit.*new\.txt/,
    ],
    'without the tag': ['tagged', (project) => git(project, 'tag', '--delete', `v${VERSION}`), /no tag v0\.3\.0/],
    'with two versions': [
      'one-version',
      (project) => project.write('Cargo.toml', 'version = "0.2.9"\n'),
      /Cargo\.toml has version 0\.2\.9/,
    ],
    'without an entry in the changelog': [
      'changelog',
      (project) => project.write('CHANGELOG.md', '## 0.2.0\n\n- Old.\n'),
      /has no entry for 0\.3\.0/,
    ],
    'with an empty section': [
      'changelog',
      (project) => project.write('CHANGELOG.md', '## 0.3.0 (2026-12-01)\n\n## 0.2.0\n\n- Old.\n'),
      /has no entry for 0\.3\.0/,
    ],
    'with a section without a date': [
      'changelog',
      (project) => project.write('CHANGELOG.md', '## 0.3.0 (unreleased)\n\n- New.\n'),
      /has no date/,
    ],
    'without the binary of a platform': [
      'packages-complete',
      (project) => project.change('release-policy.json', (policy) => policy.platforms.push('linux-x64-gnu')),
      /Not packed: @kaelio\/ktx-linux-x64-gnu/,
    ],
    'with a package of another version': [
      'packages-complete',
      (project) =>
        repack(project, 'platform', (manifest) => {
          manifest.version = '0.2.9';
        }),
      /is not part of release 0\.3\.0/,
    ],
    'without a declared file': [
      'files-complete',
      (project) => repack(project, 'main', (manifest) => manifest.files.push('cli')),
      /@kaelio\/ktx lacks cli/,
    ],
    'with a link to a file that is not packed': [
      'links',
      (project) => {
        project.write('main/README.md', '[a](#x) [b](index.js#y) [c](docs/api.md)');
        project.pack();
      },
      /README\.md of @kaelio\/ktx links to docs\/api\.md/,
    ],
    'with a modified tarball': [
      'checksums',
      (project) => append(tarballsIn(project.dist)[0]),
      /does not match SHA256SUMS/,
    ],
    'with a modified wheel': [
      'wheel',
      (project) => {
        project.write('main/assets/python/kaelio_ktx-0.3.0-py3-none-any.whl', 'a whale');
        project.pack();
      },
      /\.whl does not match its manifest/,
    ],
    'with a wheel of another version': [
      'wheel',
      (project) => {
        project.change('main/assets/python/manifest.json', (manifest) => {
          manifest.version = '0.2.9';
        });
        project.pack();
      },
      /wheel has version 0\.2\.9/,
    ],
    'with too large a binary': [
      'budgets',
      (project) =>
        project.change('release-policy.json', ({ budgets }) => {
          budgets.platformBinaryBytes = 7;
        }),
      /ktx\.darwin-arm64\.node has 8 bytes, more than 7/,
    ],
    'with an install script': [
      'budgets',
      (project) =>
        repack(project, 'main', (manifest) => {
          manifest.scripts = { postinstall: 'true' };
        }),
      /has an install script/,
    ],
    'with a dependency that is not listed': [
      'budgets',
      (project) =>
        repack(project, 'main', (manifest) => {
          manifest.dependencies.leftpad = '1';
        }),
      /depends on leftpad/,
    ],
    'with a binary that needs a newer glibc': [
      'glibc',
      (project) => {
        copyFileSync('/bin/ls', path.join(project.folder, 'platform', 'ktx.darwin-arm64.node'));
        project.change('release-policy.json', (policy) => {
          policy.glibc = '2.1';
        });
        repack(project, 'platform', (manifest) => {
          manifest.libc = ['glibc'];
        });
      },
      /ktx-darwin-arm64 needs glibc 2\.\d+, newer than 2\.1/,
    ],
    'with a failed smoke test': [
      'smoke',
      (project) => project.write('scripts/smoke.mjs', "console.error('no daemon'); process.exit(1);"),
      /smoke test of the packages failed[\s\S]*no daemon/,
    ],
    'by an unknown check': ['full-moon', undefined, /unknown check full-moon/],
  };
  for (const [name, [check, change, reason]] of Object.entries(cases)) {
    it(name, { skip: check === 'glibc' && process.platform !== 'linux' }, async () =>
      assert.match(await runCheck(check, change), reason),
    );
  }

  it('by no check of a valid project', async () => {
    const policy = readPolicy(original.folder);
    for (const check of policy.beforePublishing.filter((name) => name !== 'not-published')) {
      assert.equal(await runCheck(check), '', check);
    }
  });
});

describe('scripts/publish.mjs', () => {
  const publish = (project, registry, ...flags) => {
    // npm requires a token; this registry accepts any.
    const token = `npm_config_${registry.url.replace('http:', '')}:_authToken`;
    const env = { ...process.env, npm_config_registry: registry.url, [token]: 'x' };
    return tryRun(process.execPath, ['scripts/publish.mjs', '--root', project.folder, ...flags], { cwd: root, env });
  };

  it('is a dry run by default, publishes once, and resumes an interrupted release', async () => {
    const registry = await startRegistry();
    try {
      const dry = await publish(original, registry);
      assert.equal(dry.code, 0, dry.stderr);
      assert.match(
        dry.stdout,
        /would publish {2}@kaelio\/ktx-darwin-arm64@0\.3\.0 as next\nwould publish {2}@kaelio\/ktx@/,
      );
      assert.equal(registry.packages.size, 0);

      const published = await publish(original, registry, '--publish');
      assert.equal(published.code, 0, published.stderr);
      assert.deepEqual([...registry.packages.keys()], [PLATFORM, MAIN]);
      assert.deepEqual(registry.packages.get(MAIN)['dist-tags'], { next: VERSION });

      const again = await publish(original, registry, '--publish');
      assert.equal(again.code, 1);
      assert.match(again.stderr, /not-published: @kaelio\/ktx(-darwin-arm64)?@0\.3\.0 exists in the registry/);

      registry.packages.delete(MAIN);
      const resumed = await publish(original, registry, '--publish', '--resume');
      assert.equal(resumed.code, 0, resumed.stderr);
      assert.match(
        resumed.stdout,
        /already published {2}@kaelio\/ktx-darwin-arm64@0\.3\.0\npublished {2}@kaelio\/ktx@0\.3\.0/,
      );
    } finally {
      await registry.close();
    }
  });
});

describe('the version', () => {
  it('is written into every file', () => {
    const project = createProject(original);
    try {
      project.change('package.json', (manifest) => {
        manifest.version = '0.4.0';
      });
      assert.equal(staleVersions(project.folder).length, 13);
      writeVersions(project.folder);
      assert.deepEqual(staleVersions(project.folder), []);
      const changelog = readFileSync(path.join(project.folder, 'CHANGELOG.md'), 'utf8');
      assert.match(changelog, /^# Changelog\n\n## 0\.4\.0 \(unreleased\)\n\n## 0\.3\.0 \(2026-12-01\)/);
    } finally {
      project.remove();
    }
  });

  it('determines the dist-tag', () => {
    const policy = readPolicy();
    assert.deepEqual(
      ['0.1.0', '0.99.0', '1.0.0', '2.3.4'].map((version) => distTag(policy, version)),
      ['next', 'next', 'latest', 'latest'],
    );
  });
});

it('the policy lists exactly the dependencies of the package', () => {
  const { dependencies } = readJson(path.join(root, 'package.json'));
  assert.deepEqual(readPolicy().dependencies, Object.keys(dependencies).sort());
});

it('relative links of the README become absolute', () => {
  const text = '[a](docs/a.md#x) [b](https://b.example/c) [c](#d) ![e](e.svg) `[f](g)`[h](CHANGELOG.md) [i](/j) (k.md)';
  const base = 'https://forge.example/owner/name/blob/v1/';
  assert.equal(
    absoluteLinks(text, base),
    `[a](${base}docs/a.md#x) [b](https://b.example/c) [c](#d) ![e](${base}e.svg?raw=true) \`[f](${base}g)\`` +
      `[h](${base}CHANGELOG.md) [i](/j) (k.md)`,
  );
  const isReplaced = (link) => link.startsWith('../');
  assert.equal(absoluteLinks('[a](b.md) [c](../d.md)', `${base}docs/`, isReplaced), `[a](b.md) [c](${base}d.md)`);
});

it('the newest glibc is read from the symbols', { skip: process.platform !== 'linux' }, () => {
  assert.match(newestGlibc(process.execPath), /^2\.\d+$/);
  assert.throws(() => newestGlibc(import.meta.filename ?? new URL(import.meta.url).pathname), /readelf/);
});

function git(project, ...args) {
  return tryRun('git', args, { cwd: project.folder });
}

function repack(project, name, change) {
  project.change(`${name}/package.json`, change);
  project.pack();
}

function append(file) {
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from([0])]));
}
