/** cram_md5: challenge and keyed digest (RFC 2195; manual, chapter "The cram_md5 authenticator"). */
import { createHmac } from "node:crypto";
import { type ServerStep, chain, defineAuthenticator, octetsOf, option, tainted, textOf } from "@mailkit/sdk";
import { clientFailure, sameOctets, serverText } from "../fields.ts";

export const cramMd5 = defineAuthenticator({
  name: "cram_md5",
  options: {
    server_secret: option.expanded({ doc: "Password of the user $auth1; a forced failure refuses." }),
    client_name: option.expanded({ default: "$primary_hostname", shown: "", doc: "User name." }),
    client_secret: option.expanded({ doc: "Password." }),
  },
  serverStart: (initial, _options, host) => {
    if (initial !== undefined) return { kind: "malformed", message: "Initial data not expected" };
    const unique = `${host.random.octets(8).readBigUInt64BE(0)}.${Math.floor(host.clock.now() / 1000)}`;
    const challenge = octetsOf(`<${unique}@${host.primaryHostname}>`);
    return { kind: "challenge", octets: challenge, state: challenge };
  },
  serverNext: (response, state, options, host) => {
    // The digest is the last word; a name may hold spaces.
    const text = textOf(response);
    const space = text.lastIndexOf(" ");
    const auth = [tainted(space < 0 ? text : text.slice(0, space))];
    return serverText(host, options.server_secret, auth, (secret): ServerStep => {
      const wanted = octetsOf(digest(secret, state as Buffer));
      const given = octetsOf(space < 0 ? "" : text.slice(space + 1).toLowerCase());
      return sameOctets(wanted, given) ? { kind: "done", auth } : { kind: "fail", message: "wrong digest", auth };
    });
  },
  clientStart: () => ({ kind: "send", octets: undefined, state: undefined }),
  clientNext: (challenge, _state, options, host) => {
    const { client_name, client_secret } = options;
    if (client_name === undefined || client_secret === undefined) return { kind: "cancel", message: "client_secret is not set" };
    return chain(host.expand(client_secret), (secret) => {
      if (secret.kind !== "value") return clientFailure(secret, "client_secret");
      return chain(host.expand(client_name), (name) => {
        if (name.kind !== "value") return clientFailure(name, "client_name");
        return { kind: "send", octets: octetsOf(`${name.text} ${digest(secret.text, challenge)}`), state: undefined };
      });
    });
  },
});

function digest(secret: string, challenge: Buffer): string {
  return createHmac("md5", octetsOf(secret)).update(challenge).digest("hex");
}
