import { describe, expect, it } from 'vitest';
import { openProject } from '../../../../src/setup/guided/project.js';
import { KEYS } from '../../../support/fake-terminal.js';
import { type GuidedFixture, guidedSession } from '../../../support/guided.js';
import { ktxError, project } from '../../../support/projects.js';

const missing = async () => {
  throw ktxError('KTX_PROJECT_MISSING', 'There is no project in /shop');
};

function newProject(fixture: GuidedFixture = {}) {
  return guidedSession({ ...fixture, calls: { loadKtxProject: missing, ...fixture.calls } });
}

describe('openProject', () => {
  it('opens an existing project, prints its warnings, and creates nothing', async () => {
    const loadKtxProject = async () => project({ warnings: ['ktx.yaml:2:1: unknown key "x"'] });
    const { session, calls, stderr } = guidedSession({ calls: { loadKtxProject }, io: { environment: 'prod' } });
    expect((await openProject(session, 'other')).name).toBe('shop');
    expect(calls.loadKtxProject).toHaveBeenCalledWith({ projectDir: '/shop', environment: 'prod' });
    expect(calls.initKtxProject).not.toHaveBeenCalled();
    expect(stderr()).toBe('Warning: ktx.yaml:2:1: unknown key "x"\nDone: Project  /shop/ktx.yaml\n');
  });

  it('creates a project with the name of the flag or of the folder', async () => {
    const { session, calls, stderr } = newProject();
    await openProject(session, undefined);
    await openProject(session, 'Sales');
    expect(calls.initKtxProject.mock.calls).toEqual([
      [{ projectDir: '/shop', projectName: 'shop' }],
      [{ projectDir: '/shop', projectName: 'Sales' }],
    ]);
    expect(stderr()).toContain('Done: Created the project  /shop/ktx.yaml\n');
  });

  it('leaves the name to the addon in the root folder', async () => {
    const { session, calls } = newProject({ session: { projectDir: '/' } });
    await openProject(session, undefined);
    expect(calls.initKtxProject).toHaveBeenCalledWith({ projectDir: '/' });
  });

  it('creates it after a yes', async () => {
    const { session, calls, unasked } = newProject({ answers: [['Create a project in /shop?', KEYS.enter]] });
    await openProject(session, undefined);
    expect(calls.initKtxProject).toHaveBeenCalledOnce();
    expect(unasked()).toEqual([]);
  });

  it.each([
    ['a no', 'n'],
    ['Ctrl-C', KEYS.ctrlC],
  ])('creates nothing after %s', async (_, key) => {
    const { session, calls } = newProject({ answers: [['Create a project in', key]] });
    await expect(openProject(session, undefined)).rejects.toMatchObject({ code: 'KTX_INTERRUPTED' });
    expect(calls.initKtxProject).not.toHaveBeenCalled();
  });

  it.each([
    ['with --yes', { yes: true }],
    ['if nothing may be installed', { installPolicy: 'never' as const }],
  ])('does not ask %s', async (_, session) => {
    const { session: created, calls, screen } = newProject({ answers: [], session });
    await openProject(created, undefined);
    expect(calls.initKtxProject).toHaveBeenCalledOnce();
    expect(screen()).toBe('');
  });

  it('rejects if the project cannot be read, and does not replace it', async () => {
    const loadKtxProject = async () => {
      throw ktxError('KTX_PROJECT_INVALID', 'ktx.yaml:1:1: not a mapping');
    };
    const { session, calls } = guidedSession({ calls: { loadKtxProject } });
    await expect(openProject(session, undefined)).rejects.toMatchObject({ code: 'KTX_PROJECT_INVALID' });
    expect(calls.initKtxProject).not.toHaveBeenCalled();
  });
});
