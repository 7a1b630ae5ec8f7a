/** What node:tls knows of a handshake as the facts that logs and `$tls_in_...` show. */
import type { TLSSocket } from "node:tls";
import type { SessionFacts } from "@mailkit/sdk";

const BITS = /(?:AES_?(128|256)|(CHACHA20))/;

export function tlsFactsOf(socket: TLSSocket): NonNullable<SessionFacts["tls"]> {
  const cipher = socket.getCipher();
  const version = (socket.getProtocol() ?? "").replace(/^TLSv1$/, "TLSv1.0").replace(/^TLSv/, "TLS");
  const strength = BITS.exec(cipher.standardName ?? cipher.name);
  const bits = strength?.[2] !== undefined ? 256 : Number(strength?.[1] ?? 0);
  const peer = socket.getPeerCertificate();
  // Set by node:tls on the server side, missing in its types.
  const { servername } = socket as { servername?: string | false };
  const sni = typeof servername === "string" && servername !== "" ? servername : undefined;
  const subject = peer !== undefined && peer.subject !== undefined ? distinguishedName(peer.subject) : undefined;
  return {
    cipher: `${version}:${cipher.name}:${bits}`,
    ...(cipher.standardName !== undefined && { cipherStandard: cipher.standardName }),
    version,
    bits,
    ...(sni !== undefined && { sni }),
    ...(subject !== undefined && subject !== "" && { peerDn: subject }),
    verified: socket.authorized,
  };
}

function distinguishedName(subject: object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(subject))
    for (const one of Array.isArray(value) ? value : [value]) parts.push(`/${name}=${String(one)}`);
  return parts.join("");
}
