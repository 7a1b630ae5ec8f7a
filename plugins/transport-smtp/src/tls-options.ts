/** TLS settings of one host: certificates, authorities, verification. Manual §"Configuring an Exim client to use TLS". */
import { trimSpace } from "@mailkit/sdk";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type { HostUsed } from "@mailkit/sdk";
import { expandText, hostMatcher, type HostRules } from "./host-rules.ts";
import type { Plan } from "./plan.ts";

export interface TlsRules {
  readonly connect: ConnectionOptions;
  /** A certificate that does not verify ends the session. */
  readonly mustVerify: boolean;
  readonly mustAlpn: boolean;
}

export type TlsPlan = { readonly ok: true; readonly rules: TlsRules } | { readonly ok: false; readonly message: string };

interface Texts {
  readonly certificate: string;
  readonly key: string;
  readonly authorities: string;
  readonly crl: string;
  readonly ciphers: string;
  readonly sni: string;
  readonly alpn: string;
}

export async function tlsRulesFor(plan: Plan, rules: HostRules): Promise<TlsPlan> {
  const { options } = plan;
  const texts: Partial<Record<keyof Texts, string>> = {};
  const wanted = {
    certificate: options.tls_certificate,
    key: options.tls_privatekey,
    authorities: options.tls_verify_certificates,
    crl: options.tls_crl,
    ciphers: options.tls_require_ciphers,
    sni: options.tls_sni,
    alpn: options.tls_alpn,
  };
  for (const [name, template] of Object.entries(wanted)) {
    const text = await expandText(template, rules.scope);
    if (!text.ok) return { ok: false, message: `expansion of ${template?.source ?? ""} failed: ${text.message}` };
    texts[name as keyof Texts] = text.text;
  }
  const matches = hostMatcher(rules.target, rules.scope);
  const checkNames = await matches(options.tls_verify_cert_hostnames);
  const { name } = rules.target;
  try {
    return {
      ok: true,
      rules: {
        connect: {
          secureContext: contextFor(texts as Texts, options.tls_dh_min_bits),
          minDHSize: options.tls_dh_min_bits,
          rejectUnauthorized: false,
          ...(texts.sni === "" ? {} : { servername: texts.sni as string }),
          ...(texts.alpn === "" ? {} : { ALPNProtocols: (texts.alpn as string).split(":").map((item) => trimSpace(item)) }),
          checkServerIdentity: (_asked, certificate) => (checkNames ? checkServerIdentity(name, certificate) : undefined),
        },
        mustVerify: await matches(options.tls_verify_hosts),
        mustAlpn: await matches(options.hosts_require_alpn),
      },
    };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

/** Contexts are dear to make; a changed file makes another one. */
const contexts = new Map<string, SecureContext>();
const MOST_CONTEXTS = 50;

function contextFor(texts: Texts, minDh: number): SecureContext {
  const files = [texts.certificate, texts.key, texts.authorities, texts.crl].map(stampOf);
  const key = JSON.stringify([texts, files, minDh]);
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const ca = authorities(texts.authorities);
  const context = createSecureContext({
    ...(texts.certificate === "" ? {} : { cert: readFileSync(texts.certificate), key: readFileSync(texts.key || texts.certificate) }),
    ...(ca === undefined ? {} : { ca }),
    ...(texts.crl === "" ? {} : { crl: readFileSync(texts.crl) }),
    ...(texts.ciphers === "" ? {} : { ciphers: texts.ciphers }),
  });
  if (contexts.size >= MOST_CONTEXTS) contexts.clear();
  contexts.set(key, context);
  return context;
}

function stampOf(path: string): string {
  if (path === "" || path === "system") return path;
  const facts = statSync(path);
  return `${facts.ino}:${facts.mtimeMs}`;
}

/** "system" is the system's store, else the one that Node brings. */
function authorities(text: string): string[] | undefined {
  if (text === "") return undefined;
  if (text !== "system") {
    if (!statSync(text).isDirectory()) return [readFileSync(text, "latin1")];
    return readdirSync(text)
      .filter((name) => /\.(pem|crt|cer|\d+)$/.test(name))
      .map((name) => readFileSync(join(text, name), "latin1"));
  }
  const system = getCACertificates("system");
  return system.length > 0 ? system : undefined;
}

/** For `X=`, `CV=`, `DN=` of the log. */
export function describeTls(socket: TLSSocket): NonNullable<HostUsed["tls"]> {
  const cipher = socket.getCipher();
  const subject = socket.getPeerCertificate()?.subject as unknown as Readonly<Record<string, string>> | undefined;
  const peerDn =
    subject === undefined
      ? undefined
      : Object.entries(subject)
          .map(([key, value]) => `/${key}=${value}`)
          .join("");
  return {
    version: (socket.getProtocol() ?? "").replace(/^TLSv/, "TLS").replace(/^TLS1$/, "TLS1.0"),
    cipher: cipher.standardName,
    bits: /256|CHACHA/.test(cipher.standardName) ? 256 : 128,
    verified: socket.authorized,
    ...(peerDn === undefined || peerDn === "" ? {} : { peerDn }),
  };
}
