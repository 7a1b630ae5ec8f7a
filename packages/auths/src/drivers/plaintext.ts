/**
 * plaintext: PLAIN, LOGIN and whatever else sends strings as they are (manual, chapter "The plaintext authenticator").
 * The server only collects the strings; `server_condition` decides.
 */
import {
  type AuthHost,
  type ClientStep,
  type Maybe,
  type ServerStep,
  type Text,
  chain,
  defineAuthenticator,
  octetsOf,
  option,
  splitList,
  tainted,
  textOf,
} from "@mailkit/sdk";
import { clientFailure, splitNul } from "../fields.ts";

export const plaintext = defineAuthenticator({
  name: "plaintext",
  options: {
    server_prompts: option.expanded({ doc: "Prompts, separated by colons, for what did not come with AUTH." }),
    client_send: option.stringList({ doc: "Strings to send, each expanded when its turn comes; ^ stands for NUL, ^^ for ^." }),
    client_ignore_invalid_base64: option.boolean({ doc: "A prompt that is no base64 is taken as empty." }),
  },
  serverStart: (initial, options, host) => {
    const given = initial === undefined || initial.length === 0 ? [] : splitNul(initial);
    if (options.server_prompts === undefined) return enough(given);
    return chain(host.expand(options.server_prompts), (expansion): ServerStep => {
      if (expansion.kind !== "value") return { kind: "defer", message: `expansion of "server_prompts" failed: ${expansion.message}` };
      return ask({ prompts: splitList(expansion.text).items, given });
    });
  },
  serverNext: (response, state) => {
    const { prompts, given } = state as Collecting;
    return ask({ prompts, given: [...given, ...splitNul(response)] });
  },
  clientStart: (options, host) => {
    const [first = ""] = options.client_send;
    return send(first, { prompts: [], sent: 1 }, host, (octets) => (octets.length === 0 ? undefined : octets));
  },
  clientNext: (challenge, state, options, host) => {
    const { prompts, sent } = state as Sending;
    const item = options.client_send[sent];
    if (item === undefined) return { kind: "cancel", message: "the server asks for more strings than client_send has" };
    const known = prompts.length < 3 ? [...prompts, tainted(textOf(challenge))] : prompts;
    return send(item, { prompts: known, sent: sent + 1 }, host, (octets) => octets);
  },
});

interface Collecting {
  readonly prompts: readonly string[];
  readonly given: readonly Text[];
}

/** A prompt for each string that is missing; PLAIN gives three for the one it is asked for. */
function ask(collecting: Collecting): ServerStep {
  const prompt = collecting.prompts[collecting.given.length];
  return prompt === undefined ? enough(collecting.given) : { kind: "challenge", octets: octetsOf(prompt), state: collecting };
}

function enough(given: readonly Text[]): ServerStep {
  return { kind: "done", auth: given.slice(0, 3) };
}

interface Sending {
  readonly prompts: readonly Text[];
  readonly sent: number;
}

function send(item: string, state: Sending, host: AuthHost, pack: (octets: Buffer) => Buffer | undefined): Maybe<ClientStep> {
  const template = host.compile?.(item);
  if (template === undefined) return { kind: "cancel", message: "client_send cannot be expanded here" };
  return chain(host.expand(template, state.prompts), (expansion): ClientStep => {
    if (expansion.kind !== "value") return clientFailure(expansion, "client_send");
    return { kind: "send", octets: pack(octetsOf(withNuls(expansion.text))), state };
  });
}

/** Doubled circumflexes are one, single ones are NUL; taken in pairs from the left. */
export function withNuls(text: string): string {
  return text.replace(/\^\^|\^/g, (found) => (found === "^^" ? "^" : "\0"));
}
