import type { Diagnostic, Position } from "./diagnostics.ts";
import type { Expansion, Template } from "./expansion.ts";
import type { Maybe } from "./maybe.ts";
import type { OptionTable, OptionValues } from "./options.ts";
import type { Text } from "./text.ts";
import type { Scope } from "./scope.ts";
import type { Services } from "./services.ts";

/** One step of a SASL dialogue on the server side; `challenge` is octets before base64. RFC 4954. */
export type ServerStep =
  | { readonly kind: "challenge"; readonly octets: Buffer; readonly state: unknown }
  /** `$auth1`... are ready; the generic `server_condition` has the last word. */
  | { readonly kind: "done"; readonly auth: readonly Text[]; readonly ok?: boolean; readonly id?: string }
  /** `auth` when names are known: for `$authenticated_fail_id`. */
  | { readonly kind: "fail"; readonly message: string; readonly auth?: readonly Text[] }
  | { readonly kind: "defer"; readonly message: string }
  | { readonly kind: "malformed"; readonly message: string };

export type ClientStep =
  | { readonly kind: "send"; readonly octets: Buffer | undefined; readonly state: unknown }
  /** Forced failure of `client_send`: this mechanism is not meant for this host. */
  | { readonly kind: "skip"; readonly message: string }
  | { readonly kind: "cancel"; readonly message: string };

export interface AuthHost {
  readonly expand: (template: Template, auth?: readonly Text[]) => Maybe<Expansion>;
  readonly random: Services["random"];
  readonly clock: Services["clock"];
  readonly sockets: Services["sockets"];
  readonly primaryHostname: string;
  /** `public_name` of the instance. */
  readonly mechanism?: string;
  /** A variable of the session: `sender_host_address`, `tls_in_cipher`, ... "" when it has no value. */
  readonly variable?: (name: string) => Maybe<string>;
  /** Compiles an item of a list that is expanded piece by piece (`client_send`). */
  readonly compile?: (source: string) => Template;
}

export interface AuthenticatorDriver<T extends OptionTable = OptionTable> {
  readonly kind: "authenticator";
  readonly name: string;
  readonly options: T;
  readonly check?: (
    options: OptionValues<T>,
    instance: { readonly name: string; readonly at: Position; readonly isSet: (option: string) => boolean },
  ) => readonly Diagnostic[];
  /** `initial` is the decoded initial response, undefined when there was none. */
  readonly serverStart?: (initial: Buffer | undefined, options: OptionValues<T>, host: AuthHost) => Maybe<ServerStep>;
  readonly serverNext?: (response: Buffer, state: unknown, options: OptionValues<T>, host: AuthHost) => Maybe<ServerStep>;
  readonly clientStart?: (options: OptionValues<T>, host: AuthHost) => Maybe<ClientStep>;
  readonly clientNext?: (challenge: Buffer, state: unknown, options: OptionValues<T>, host: AuthHost) => Maybe<ClientStep>;
  /** Authentication by what TLS has shown, without an AUTH command (driver `tls`). */
  readonly serverTls?: (options: OptionValues<T>, host: AuthHost) => Maybe<ServerStep>;
}

export function defineAuthenticator<const T extends OptionTable>(driver: Omit<AuthenticatorDriver<T>, "kind">): AuthenticatorDriver<T> {
  return { kind: "authenticator", ...driver };
}

/** What `smtpd` sees of AUTH: mechanisms of the configuration behind one dialogue. */
export interface ServerAuthService {
  /** `public_name`s to advertise, in order of the configuration. */
  advertised(scope: Scope): Maybe<readonly string[]>;
  /** `unadvertised`: `control = allow_auth_unadvertised` is in force. */
  start(mechanism: string, initial: Buffer | undefined, scope: Scope, options?: { readonly unadvertised?: boolean }): Maybe<AuthProgress>;
  next(response: Buffer, dialogue: unknown, scope: Scope): Maybe<AuthProgress>;
  /** The client went away or sent `*`: frees what the dialogue holds. */
  cancel?(dialogue: unknown): void;
  /** To be asked after a TLS handshake; undefined: no authenticator does that. */
  afterTls?(scope: Scope): Maybe<AuthProgress | undefined>;
  /** `server_mail_auth_condition` of an authenticator: does its AUTH= on MAIL count? */
  allowsMailAuth?(authenticator: string, scope: Scope): Maybe<boolean>;
}

export type AuthProgress =
  | { readonly kind: "challenge"; readonly octets: Buffer; readonly dialogue: unknown }
  | { readonly kind: "success"; readonly id: string | undefined; readonly authenticator: string }
  | { readonly kind: "unknown" }
  | { readonly kind: "fail" | "defer" | "malformed"; readonly message: string; readonly authenticator: string; readonly id?: string };

/** What the smtp transport sees of AUTH. */
export interface ClientAuthService {
  /** Instances with client settings whose public name the server offers, in order of the configuration. */
  candidates(offered: readonly string[], scope: Scope): Maybe<readonly ClientAuthCandidate[]>;
}

export interface ClientAuthCandidate {
  readonly name: string;
  readonly mechanism: string;
  /** `client_ignore_invalid_base64`: a challenge that is not base64 is passed on as empty. */
  readonly ignoreInvalidBase64?: boolean;
  start(): Maybe<ClientStep>;
  next(challenge: Buffer, state: unknown): Maybe<ClientStep>;
  /** `client_set_id`, expanded after success. */
  id?(): Maybe<string | undefined>;
}
