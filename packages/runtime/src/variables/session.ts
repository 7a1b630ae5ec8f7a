/** `$variables` that are facts of the SMTP session (or of the local caller). */
import { fullHost, receivedHost } from "@mailkit/smtpd";
import { clean, EMPTY, tainted } from "@mailkit/sdk";
import type { Origin, SessionFacts, Text, VariableSource } from "@mailkit/sdk";

type Getter = (facts: SessionFacts) => Text;

const GETTERS = new Map<string, Getter>([
  ["sender_host_address", (s) => clean(s.peer?.address ?? "")],
  ["sender_host_port", (s) => clean(s.peer === undefined ? "0" : String(s.peer.port))],
  ["interface_address", (s) => clean(s.local?.address ?? "")],
  ["interface_port", (s) => clean(s.local === undefined ? "-1" : String(s.local.port))],
  ["received_ip_address", (s) => clean(s.local?.address ?? "")],
  ["received_port", (s) => clean(s.local === undefined ? "-1" : String(s.local.port))],
  ["sender_helo_name", (s) => tainted(s.helo)],
  ["sender_helo_verified", (s) => clean(s.heloVerified ? "1" : "")],
  ["sender_host_authenticated", (s) => clean(s.authenticator ?? "")],
  ["authenticated_id", (s) => tainted(s.authenticatedId ?? "")],
  ["authenticated_fail_id", (s) => tainted(s.authenticatedFailId ?? "")],
  ["authentication_failed", (s) => clean(s.authenticationFailed ? "1" : "0")],
  ["sender_ident", (s) => tainted(s.ident)],
  ["host_lookup_failed", (s) => clean(s.hostLookup === "failed" ? "1" : "0")],
  ["host_lookup_deferred", (s) => clean(s.hostLookup === "deferred" ? "1" : "0")],
  ["smtp_command", (s) => tainted(s.command)],
  ["smtp_command_argument", (s) => tainted(s.commandArgument)],
  ["smtp_command_history", (s) => tainted(s.commandHistory.join(","))],
  ["smtp_notquit_reason", (s) => clean(s.notQuitReason)],
  ["smtp_count_at_connection_start", (s) => clean(String(s.connectionsAtStart))],
  ["originator_uid", (s) => (s.caller === undefined ? clean(String(process.getuid?.() ?? 0)) : clean(String(s.caller.uid)))],
  ["originator_gid", (s) => (s.caller === undefined ? clean(String(process.getgid?.() ?? 0)) : clean(String(s.caller.gid)))],
  ["tls_in_cipher", (s) => clean(s.tls?.cipher ?? "")],
  ["tls_cipher", (s) => clean(s.tls?.cipher ?? "")],
  ["tls_in_cipher_std", (s) => clean(s.tls?.cipherStandard ?? "")],
  ["tls_in_ver", (s) => clean(s.tls?.version ?? "")],
  ["tls_in_bits", (s) => clean(String(s.tls?.bits ?? 0))],
  ["tls_bits", (s) => clean(String(s.tls?.bits ?? 0))],
  ["tls_in_sni", (s) => tainted(s.tls?.sni ?? "")],
  ["tls_sni", (s) => tainted(s.tls?.sni ?? "")],
  ["tls_in_peerdn", (s) => tainted(s.tls?.peerDn ?? "")],
  ["tls_peerdn", (s) => tainted(s.tls?.peerDn ?? "")],
  ["tls_in_certificate_verified", (s) => clean(s.tls?.verified === true ? "1" : "0")],
  ["tls_certificate_verified", (s) => clean(s.tls?.verified === true ? "1" : "0")],
]);

export interface SessionSourceOptions {
  readonly session: SessionFacts;
  /** The reverse lookup, asked for when a string mentions the name before anybody looked. */
  readonly lookupName?: () => ReturnType<VariableSource>;
  /** Names of `log_selector` that are on: ports of hosts are shown with `incoming_port`. */
  readonly logSelector?: ReadonlySet<string>;
}

const NO_SELECTOR: ReadonlySet<string> = new Set();

export function sessionVariables(options: SessionSourceOptions): VariableSource {
  const { session, logSelector: selector = NO_SELECTOR } = options;
  return (name) => {
    if (name.startsWith("acl_c")) return session.aclConnection.get(name.slice(4));
    if (name === "sender_host_name")
      return session.hostLookup === "not yet" && session.peer !== undefined
        ? options.lookupName?.()
        : tainted(session.hostNames?.[0] ?? "");
    if (name === "smtp_active_hostname") return session.activeHostname === "" ? undefined : clean(session.activeHostname);
    if (name === "sender_fullhost") return tainted(session.peer === undefined ? "" : fullHost({ session, selector }));
    if (name === "sender_rcvhost") return tainted(receivedHost({ session, selector }));
    const extra = session.extra.get(name);
    if (extra !== undefined) return extra;
    return GETTERS.get(name)?.(session);
  };
}

/** Session facts as they are known of a message that waits in the spool. */
export function sessionOfOrigin(origin: Origin, base: SessionFacts): SessionFacts {
  return {
    ...base,
    peer: origin.host === undefined ? undefined : { address: origin.host.address, port: origin.host.port },
    local: origin.interface,
    helo: origin.helo ?? "",
    heloKind: "none",
    hostNames: origin.host?.name === undefined ? [] : [origin.host.name],
    hostLookup: "ok",
    ident: origin.ident ?? "",
    authenticatedId: origin.authenticatedId,
    authenticator: origin.authenticator,
    tls: origin.tls,
    activeHostname: origin.activeHostname ?? "",
    caller: { login: origin.login, uid: origin.uid, gid: origin.gid },
  };
}

export const NO_TEXT = EMPTY;
