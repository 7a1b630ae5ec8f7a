/**
 * gsasl: of that library's mechanisms SCRAM-SHA-1 and SCRAM-SHA-256, as server and client (manual, chapter "The gsasl
 * authenticator"; RFC 5802, RFC 7677). No channel binding. The options are Exim's.
 */
import {
  type AuthHost,
  type ClientStep,
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
import { clientFailure, sameOctets, serverText } from "../fields.ts";
import {
  clientKey,
  type ClientFirst,
  digest,
  DIGEST_LENGTH,
  escapeName,
  hmac,
  type Keys,
  keysOf,
  MAX_ITERATIONS,
  MECHANISMS,
  parseClientFinal,
  parseClientFirst,
  parseServerFirst,
  saltedPassword,
  type ScramHash,
  xor,
} from "../scram.ts";

const NO_BINDING = { how: "refuse", why: "channel binding (the -PLUS mechanisms) is not done" } as const;

export const gsasl = defineAuthenticator({
  name: "gsasl",
  options: {
    server_channelbinding: option.boolean({ doc: "Channel binding.", missing: NO_BINDING }),
    server_hostname: option.expanded({ doc: "Host name for mechanisms that name it; SCRAM does not." }),
    server_key: option.expanded({ doc: "ServerKey of the user $auth1, in base64." }),
    server_skey: option.expanded({ doc: "StoredKey of the user $auth1, in base64." }),
    server_mech: option.string({ doc: "Mechanism, when it is not the public name." }),
    server_password: option.expanded({ doc: "Password of the user $auth1, in the clear." }),
    server_realm: option.expanded({ doc: "Realm; becomes $auth3." }),
    server_scram_iter: option.expanded({ default: "4096", doc: "Iteration count." }),
    server_scram_salt: option.expanded({ doc: "Salt in base64; default: a random one." }),
    server_service: option.string({ default: "smtp", doc: "Service name for mechanisms that name it; SCRAM does not." }),
    client_authz: option.expanded({ doc: "Identity to act for." }),
    client_channelbinding: option.boolean({ doc: "Channel binding.", missing: NO_BINDING }),
    client_username: option.expanded({ doc: "User name." }),
    client_password: option.expanded({ doc: "Password." }),
    client_spassword: option.expanded({ doc: "Salted password in hexadecimal, for $auth2 iterations and the salt $auth3." }),
  },
  check: (options, instance) => {
    if (options.server_mech === undefined || MECHANISMS.has(options.server_mech.toUpperCase())) return [];
    const message = `authenticator "${instance.name}": gsasl does SCRAM-SHA-1 and SCRAM-SHA-256 here, not ${options.server_mech}`;
    return [
      { code: "MK0801", severity: "error", message, at: instance.at, hint: "PLAIN and LOGIN are driver plaintext, CRAM-MD5 is cram_md5" },
    ];
  },
  serverStart: (initial, options, host) =>
    initial === undefined ? { kind: "challenge", octets: Buffer.alloc(0), state: undefined } : serverFirst(initial, options, host),
  serverNext: (response, state, options, host) => {
    if (state === undefined) return serverFirst(response, options, host);
    return (state as ServerState).verified === true
      ? finished(state as ServerState, response)
      : serverFinal(response, state as ServerState);
  },
  clientStart: (options, host) => clientFirst(options, host),
  clientNext: (challenge, state, options, host) => {
    const known = state as ClientState;
    return known.kind === "first" ? clientFinal(challenge, known, options, host) : checkServer(challenge, known);
  },
});

interface Secrets {
  readonly server_mech: string | undefined;
  readonly server_key: Template | undefined;
  readonly server_skey: Template | undefined;
  readonly server_password: Template | undefined;
  readonly server_realm: Template | undefined;
  readonly server_scram_iter: Template | undefined;
  readonly server_scram_salt: Template | undefined;
}

function hashOf(mechanism: string | undefined, host: AuthHost): ScramHash | undefined {
  return MECHANISMS.get((mechanism ?? host.mechanism ?? "").toUpperCase());
}

interface ServerState {
  readonly hash: ScramHash;
  readonly first: ClientFirst;
  readonly challenge: string;
  readonly nonce: string;
  readonly keys: Keys;
  readonly auth: readonly Text[];
  readonly verified?: boolean;
}

function serverFirst(message: Buffer, options: Secrets, host: AuthHost): Maybe<ServerStep> {
  const hash = hashOf(options.server_mech, host);
  if (hash === undefined) return { kind: "defer", message: `gsasl: mechanism ${host.mechanism} is not supported` };
  const first = parseClientFirst(textOf(message));
  if (first === undefined) return { kind: "fail", message: "malformed first message" };
  return serverText(host, options.server_realm, [], (realm) => {
    const auth = [tainted(first.user), tainted(first.authzid), tainted(realm)];
    return serverText(host, options.server_scram_iter, auth, (iterations) =>
      serverText(host, options.server_scram_salt, auth, (written) => {
        const salt = written === "" ? host.random.octets(16) : Buffer.from(written, "base64");
        const count = Number(iterations);
        if (!Number.isInteger(count) || count < 1 || count > MAX_ITERATIONS)
          return { kind: "defer", message: `server_scram_iter is not a number: ${iterations}` };
        return challengeFor({ hash, first, auth, salt, count }, options, host);
      }),
    );
  });
}

interface Parameters {
  readonly hash: ScramHash;
  readonly first: ClientFirst;
  readonly auth: readonly Text[];
  readonly salt: Buffer;
  readonly count: number;
}

function challengeFor(parameters: Parameters, options: Secrets, host: AuthHost): Maybe<ServerStep> {
  const { hash, first, auth, salt, count } = parameters;
  const nonce = first.nonce + host.random.octets(18).toString("base64");
  const challenge = `r=${nonce},s=${salt.toString("base64")},i=${count}`;
  const go = (keys: Keys): ServerStep => ({
    kind: "challenge",
    octets: octetsOf(challenge),
    state: { hash, first, challenge, nonce, keys, auth } satisfies ServerState,
  });
  return serverText(host, options.server_key, auth, (serverKey) =>
    serverText(host, options.server_skey, auth, (storedKey) => {
      const keys = { server: Buffer.from(serverKey, "base64"), stored: Buffer.from(storedKey, "base64") };
      const length = DIGEST_LENGTH[hash];
      if (keys.server.length === length && keys.stored.length === length) return go(keys);
      return passwordOf(options.server_password, auth, host, async (password) =>
        go(keysOf(hash, await saltedPassword(hash, password, salt, count))),
      );
    }),
  );
}

/** "A forced failure will cause authentication to defer" (manual, `server_password`), unlike everywhere else. */
function passwordOf(
  template: Template | undefined,
  auth: readonly Text[],
  host: AuthHost,
  next: (password: string) => Maybe<ServerStep>,
): Maybe<ServerStep> {
  if (template === undefined) return { kind: "defer", message: "server_password is not set" };
  return chain(host.expand(template, auth), (expansion): Maybe<ServerStep> =>
    expansion.kind === "value" ? next(expansion.text) : { kind: "defer", message: expansion.message },
  );
}

function serverFinal(message: Buffer, state: ServerState): ServerStep {
  const { hash, first, challenge, keys, auth } = state;
  const final = parseClientFinal(textOf(message));
  const binding = octetsOf(first.gs2).toString("base64");
  if (final === undefined || final.nonce !== state.nonce || final.binding !== binding)
    return { kind: "fail", message: "malformed final message", auth };
  const signed = `${first.bare},${challenge},${final.withoutProof}`;
  const signature = hmac(hash, keys.stored, signed);
  const isProven = final.proof.length === signature.length && sameOctets(digest(hash, xor(final.proof, signature)), keys.stored);
  if (!isProven) return { kind: "fail", message: "wrong proof", auth };
  // The client learns that we know its key as well, and answers with an empty line.
  const proof = `v=${hmac(hash, keys.server, signed).toString("base64")}`;
  return { kind: "challenge", octets: octetsOf(proof), state: { ...state, verified: true } satisfies ServerState };
}

function finished(state: ServerState, response: Buffer): ServerStep {
  return response.length === 0 ? { kind: "done", auth: state.auth } : { kind: "fail", message: "unexpected data", auth: state.auth };
}

type ClientState =
  | { readonly kind: "first"; readonly gs2: string; readonly bare: string; readonly nonce: string; readonly user: string }
  | { readonly kind: "final"; readonly expected: Buffer };

interface ClientOptions {
  readonly client_authz: Template | undefined;
  readonly client_username: Template | undefined;
  readonly client_password: Template | undefined;
  readonly client_spassword: Template | undefined;
}

type ClientMaybe = Maybe<ClientStep>;

function clientText(
  host: AuthHost,
  name: string,
  template: Template | undefined,
  rest: { auth?: readonly Text[]; next: (text: string) => ClientMaybe },
): ClientMaybe {
  if (template === undefined) return rest.next("");
  return chain(host.expand(template, rest.auth), (expansion): ClientMaybe =>
    expansion.kind === "value" ? rest.next(expansion.text) : clientFailure(expansion, name),
  );
}

function clientFirst(options: ClientOptions, host: AuthHost): ClientMaybe {
  return clientText(host, "client_username", options.client_username, {
    next: (user) =>
      clientText(host, "client_authz", options.client_authz, {
        next: (authz) => {
          if (hashOf(undefined, host) === undefined)
            return { kind: "cancel", message: `gsasl: mechanism ${host.mechanism} is not supported` };
          const gs2 = authz === "" ? "n,," : `n,a=${escapeName(authz)},`;
          const nonce = host.random.octets(18).toString("base64");
          const bare = `n=${escapeName(user)},r=${nonce}`;
          return { kind: "send", octets: octetsOf(gs2 + bare), state: { kind: "first", gs2, bare, nonce, user } satisfies ClientState };
        },
      }),
  });
}

function clientFinal(challenge: Buffer, state: ClientState & { kind: "first" }, options: ClientOptions, host: AuthHost): ClientMaybe {
  const hash = hashOf(undefined, host) as ScramHash;
  const text = textOf(challenge);
  const first = parseServerFirst(text);
  if (first === undefined || !first.nonce.startsWith(state.nonce) || first.nonce === state.nonce) {
    return { kind: "cancel", message: "the server's first message makes no sense" };
  }
  const auth = [state.user, String(first.iterations), first.salt.toString("base64")].map(tainted);
  return clientText(host, "client_spassword", options.client_spassword, {
    auth,
    next: (hex) =>
      clientText(host, "client_password", options.client_password, {
        auth,
        next: async (password) => {
          const cached = Buffer.from(/^[0-9a-f]*$/i.test(hex) ? hex : "", "hex");
          const salted =
            cached.length === DIGEST_LENGTH[hash] ? cached : await saltedPassword(hash, password, first.salt, first.iterations);
          const withoutProof = `c=${octetsOf(state.gs2).toString("base64")},r=${first.nonce}`;
          const signed = `${state.bare},${text},${withoutProof}`;
          const key = clientKey(hash, salted);
          const proof = xor(key, hmac(hash, digest(hash, key), signed));
          const expected = hmac(hash, keysOf(hash, salted).server, signed);
          return {
            kind: "send",
            octets: octetsOf(`${withoutProof},p=${proof.toString("base64")}`),
            state: { kind: "final", expected } satisfies ClientState,
          };
        },
      }),
  });
}

/** The server has to know the password too, or it is not the one we mean. */
function checkServer(challenge: Buffer, state: ClientState & { kind: "final" }): ClientMaybe {
  const signature = /^v=([A-Za-z0-9+/=]+)/.exec(textOf(challenge))?.[1];
  if (signature === undefined || !sameOctets(Buffer.from(signature, "base64"), state.expected)) {
    return { kind: "cancel", message: "the server did not prove that it knows the password" };
  }
  return { kind: "send", octets: Buffer.alloc(0), state: undefined };
}
