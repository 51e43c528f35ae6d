import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { isShellSafe, quoteForShell, shellOf } from '../../../src/output/shell.js';

const WORDS = [
  'warehouse',
  '',
  'größe',
  'a b',
  '$(id)',
  '`id`',
  "it's",
  "it's $HOME",
  "it's !x",
  'it’s; id',
  'a\\b',
  'a;b',
  'a,b',
  '@args',
  '*',
  '~',
  '#',
  '!!',
  '{a,b}',
  '--filter=a.b > 1',
  '-x:y',
  'line\nline',
];

const hasPowerShell = spawnSync('pwsh', ['-v']).status === 0;

describe('a quoted word', () => {
  it.skipIf(process.platform === 'win32')('is read back by a POSIX shell', () => {
    const script = `printf '%s\\0' ${WORDS.map((word) => quoteForShell(word, 'posix')).join(' ')}`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(WORDS);
  });

  it.skipIf(!hasPowerShell)('is read back by PowerShell', () => {
    const words = WORDS.map((word) => quoteForShell(word, 'powershell'));
    const script = `function show { ConvertTo-Json -Compress @($args) }; show ${words.join(' ')}`;
    expect(JSON.parse(execFileSync('pwsh', ['-NoProfile', '-Command', script], { encoding: 'utf8' }))).toEqual(WORDS);
  });

  it('has the quotes of its shell', () => {
    const both = (word: string) => [quoteForShell(word, 'posix'), quoteForShell(word, 'powershell')];
    expect(both('a b')).toEqual(['"a b"', '"a b"']);
    expect(both('$(x) it’s')).toEqual(["'$(x) it’s'", "'$(x) it’’s'"]);
    expect(both("a'$b")).toEqual(["'a'\\''$b'", "'a''$b'"]);
    expect(both('C:\\data')).toEqual(["'C:\\data'", 'C:\\data']);
    expect(both("it's")).toEqual([`"it's"`, "'it''s'"]);
    expect(both('a,b')).toEqual(['a,b', "'a,b'"]);
    expect(both('--connection-id=a.b')).toEqual(['--connection-id=a.b', "'--connection-id=a.b'"]);
  });

  it('is not needed for plain words', () => {
    for (const word of ['ktx', 'sales.orders', '--connection-id', '--adapter=looker', './shop', 'größe_2']) {
      expect([isShellSafe(word), isShellSafe(word, 'powershell')], word).toEqual([true, true]);
    }
    expect(isShellSafe('@args')).toBe(true);
    expect(isShellSafe('@args', 'powershell')).toBe(false);
  });

  it('is for the shell of the platform', () => {
    expect([shellOf('win32'), shellOf('linux'), shellOf('darwin'), shellOf('')]).toEqual([
      'powershell',
      'posix',
      'posix',
      'posix',
    ]);
  });
});
