/** AUTH as a client: the mechanisms of the configuration that the server offers, one after the other. Manual §"Authentication by an Exim client". */
import type { ClientAsk, ClientEvent } from "@mailkit/smtp-core";
import type { ClientAuthCandidate, ClientAuthService, HostTarget, Scope } from "@mailkit/sdk";

export interface AuthDialogue {
  /** Name of the authenticator that is being tried. */
  readonly current: string | undefined;
  answer(ask: Extract<ClientAsk, { kind: "authenticate" | "authChallenge" | "authenticated" }>): Promise<ClientEvent>;
}

export function newAuthDialogue(
  service: ClientAuthService,
  target: HostTarget,
  at: { readonly scope: Scope; readonly log: (line: string) => void },
): AuthDialogue {
  let left: ClientAuthCandidate[] = [];
  let candidate: ClientAuthCandidate | undefined;
  let state: unknown;

  const begin = async (): Promise<ClientEvent> => {
    for (candidate = left.shift(); candidate !== undefined; candidate = left.shift()) {
      const step = await candidate.start();
      if (step.kind === "send") {
        state = step.state;
        return { kind: "authBegin", mechanism: candidate.mechanism, ...(step.octets === undefined ? {} : { initial: step.octets }) };
      }
      // A forced failure means "not for this host" and is no news (manual §"client_send").
      if (step.kind === "cancel")
        at.log(`${candidate.name} authenticator cancelled authentication H=${target.name} [${target.address}] ${step.message}`);
    }
    return { kind: "authSkip" };
  };

  return {
    get current() {
      return candidate?.name;
    },
    async answer(ask) {
      if (ask.kind === "authenticate") {
        left = [...(await service.candidates(ask.mechanisms, at.scope))];
        return begin();
      }
      if (ask.kind === "authenticated") {
        at.log(`${candidate?.name ?? ""} authenticator failed H=${target.name} [${target.address}] ${ask.reply.text}`);
        return begin();
      }
      const step = candidate === undefined ? undefined : await candidate.next(ask.octets, state);
      if (step?.kind !== "send") return { kind: "authCancel" };
      state = step.state;
      return { kind: "authRespond", octets: step.octets ?? Buffer.alloc(0) };
    },
  };
}
