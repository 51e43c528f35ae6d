/** The question to the user of a client whether the Python runtime that a call needs may be installed. */

import {
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import type { KtxMcpCall } from './call.js';
import { declaredCapabilities, type ToolRequest } from './tool-request.js';

/** Name of the question in an input request, and of the field in its form. */
const INSTALL = 'install';

/**
 * The question of one call.
 *
 * A call that finds the runtime missing ends with an input request. The client asks its user and sends the call again
 * with the answer; for clients of the revisions of 2025, which are asked during the call, the library does that.
 */
export class InstallQuestion {
  #asked: string | undefined;
  #isAccepted: boolean;

  /** Confirms an installation; empty if the client cannot ask its user, or the user has declined. */
  readonly confirmation: Pick<KtxMcpCall, 'confirmInstall'>;

  /** `connected` are the capabilities that a client of 2025 declared when it connected. */
  constructor(request: ToolRequest, connected: ClientCapabilities | undefined) {
    const answer = inputResponse(request.inputResponses, INSTALL);
    this.#isAccepted = answer.kind === 'elicit' && answer.action === 'accept' && answer.content?.[INSTALL] === true;
    const declared = declaredCapabilities(request) ?? connected;
    const canAsk = hasForms(declared) && (answer.kind === 'missing' || this.#isAccepted);
    this.confirmation = canAsk ? { confirmInstall: (question) => this.#confirm(question) } : {};
  }

  /** The request of the answer, if a confirmation lacked one; `describe` says where the runtime is installed. */
  request(describe: () => string): InputRequiredResult | undefined {
    if (this.#asked === undefined) return undefined;
    const requestedSchema = {
      type: 'object' as const,
      properties: { [INSTALL]: { type: 'boolean' as const, title: 'Install the KTX Python runtime' } },
      required: [INSTALL],
    };
    const message = `${this.#asked} ${describe()}`;
    return inputRequired({ inputRequests: { [INSTALL]: inputRequired.elicit({ message, requestedSchema }) } });
  }

  /** An answer is for one question: a call that needs another feature as well asks again. */
  #confirm(question: string): boolean {
    if (this.#isAccepted) {
      this.#isAccepted = false;
      return true;
    }
    this.#asked = question;
    return false;
  }
}

/** Whether a client shows forms; one that names no mode shows them. */
function hasForms(declared: ClientCapabilities | undefined): boolean {
  const elicitation = declared?.elicitation;
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
