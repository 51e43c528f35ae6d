/** The part of `ktx serve --mcp http` that differs in a process that `ktx mcp start` has spawned. */

import { joinKtxMcpServerLaunch, reportKtxMcpServerReady } from '@kaelio/ktx';
import type { Control } from '../mcp/http/server.js';
import { watchState } from './state-watch.js';

/** A launch by another process. */
export interface Background {
  control: Control;
  /** Descriptor of the inherited socket; `undefined` where sockets are not inherited. */
  listenFd: number | undefined;
  /** Reports the port to the starter; `onOrphaned` is called when the state file does not name this process. */
  reportReady(port: number, onOrphaned: () => void): Promise<void>;
}

/** Joins the launch that the environment describes; `undefined` in the foreground. */
export async function joinBackground(): Promise<Background | undefined> {
  const launch = await joinKtxMcpServerLaunch({});
  if (launch === null) return undefined;
  // Children must not inherit the token of this process.
  for (const name of launch.variables) delete process.env[name];
  const { instance, token, listenFd } = launch;
  return {
    control: { instance, token },
    listenFd,
    async reportReady(port, onOrphaned) {
      watchState(launch, onOrphaned);
      await reportKtxMcpServerReady({ port });
    },
  };
}
