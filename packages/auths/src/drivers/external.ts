/** external: an identity in the clear, proved by something else, such as TLS (RFC 4422 appendix A; manual, chapter "The external authenticator"). */
import {
  type AuthHost,
  type Maybe,
  type ServerStep,
  type Template,
  type Text,
  chain,
  defineAuthenticator,
  octetsOf,
  option,
  tainted,
  textOf,
} from "@mailkit/sdk";
import { clientFailure, serverText } from "../fields.ts";

export const external = defineAuthenticator({
  name: "external",
  options: {
    server_param2: option.expanded({ doc: "Becomes $auth2." }),
    server_param3: option.expanded({ doc: "Becomes $auth3." }),
    client_send: option.expanded({ doc: "Identity to send." }),
  },
  serverStart: (initial, options, host) => {
    if (initial === undefined) return { kind: "challenge", octets: Buffer.alloc(0), state: undefined };
    return withParams([tainted(textOf(initial))], [options.server_param2, options.server_param3], host);
  },
  serverNext: (response, _state, options, host) =>
    withParams([tainted(textOf(response))], [options.server_param2, options.server_param3], host),
  clientStart: (options, host) => {
    if (options.client_send === undefined) return { kind: "send", octets: Buffer.alloc(0), state: undefined };
    return chain(host.expand(options.client_send), (expansion) => {
      if (expansion.kind !== "value") return clientFailure(expansion, "client_send");
      return { kind: "send", octets: octetsOf(expansion.text), state: undefined };
    });
  },
});

/** Expands the parameters one after the other; each sees the values before it. */
export function withParams(auth: readonly Text[], params: readonly (Template | undefined)[], host: AuthHost): Maybe<ServerStep> {
  const [param, ...rest] = params;
  if (params.length === 0) return { kind: "done", auth };
  return serverText(host, param, auth, (text) => withParams([...auth, tainted(text)], rest, host));
}
