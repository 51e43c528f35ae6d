/** What the loaders of pages read from. */

import { describeKtxDrivers, type KtxProject, type KtxProjectConnection } from '@kaelio/ktx';

/** Results of reading a project, by their keys. */
export type Results = Map<string, Promise<unknown>>;

/** The project, and results that several pages of one build share, or requests while the files do not change. */
export class LoadContext {
  constructor(
    readonly project: KtxProject,
    readonly environment: string | undefined,
    /** Whether a server shows the pages; static files leave out what is of this machine. */
    readonly live = true,
    private readonly results: Results = new Map(),
  ) {}

  /** Options that every call of the package takes. */
  get options(): { projectDir: string; environment?: string } {
    const { environment, project } = this;
    return { projectDir: project.projectDir, ...(environment === undefined ? {} : { environment }) };
  }

  /** The connections to databases, sorted by their ids. */
  get databases(): KtxProjectConnection[] {
    const services = describeKtxDrivers().filter(({ kind }) => kind === 'service');
    return this.project.connections
      .filter(({ driver }) => !services.some((service) => service.driver === driver))
      .sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  /** Whether a result was computed, or is being computed. */
  has(key: string): boolean {
    return this.results.has(key);
  }

  /** Returns the result for a key, which is computed once unless that fails. It must not be changed. */
  once<T>(key: string, compute: () => Promise<T>): Promise<T> {
    const found = this.results.get(key);
    if (found !== undefined) return found as Promise<T>;
    const computed = compute();
    this.results.set(key, computed);
    computed.catch(() => this.results.delete(key));
    return computed;
  }
}

/** Code of an error of the package. */
export function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | undefined)?.code;
}

/**
 * Returns the result of a call, or `undefined` if it was rejected with one of these codes: there is nothing to show. Errors
 * with a cause are of files that are damaged.
 */
export async function orMissing<T>(result: Promise<T>, ...codes: string[]): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '') && (error as Error).cause === undefined) return undefined;
    throw error;
  }
}
