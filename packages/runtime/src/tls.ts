/** TLS of the server: certificate and key from `tls_certificate` and `tls_privatekey`, read again when the files change. */
import type { SmtpdDeps } from "@mailkit/smtpd";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { SecureContext } from "node:tls";
import type { Engine } from "./engine.ts";

export function makeTls(engine: Engine): SmtpdDeps["tls"] {
  const context = makeSecureContext(engine);
  if (context === undefined) return undefined;
  return {
    contextFor: () => ({
      secureContext: context(),
      requestCert: engine.config.main.isSet("tls_verify_hosts") || engine.config.main.isSet("tls_try_verify_hosts"),
      rejectUnauthorized: false,
    }),
  };
}

/** Undefined: no certificate is set, so TLS is not offered. The function throws when the files cannot be read. */
export function makeSecureContext(engine: Engine): (() => SecureContext) | undefined {
  const certificate = engine.settings.text("tls_certificate");
  if (certificate === undefined || certificate === "") return undefined;
  const key = engine.settings.text("tls_privatekey") || certificate;
  const ca = engine.setting("tls_verify_certificates");
  let known: { stamp: string; context: SecureContext } | undefined;
  return () => {
    const stamp = `${mtime(certificate)} ${mtime(key)}`;
    if (known?.stamp !== stamp) {
      const authorities = ca === undefined || ca === "" || ca === "system" ? {} : { ca: readFileSync(ca) };
      known = {
        stamp,
        context: createSecureContext({ cert: readFileSync(certificate), key: readFileSync(key), minVersion: "TLSv1.2", ...authorities }),
      };
    }
    return known.context;
  };
}

function mtime(path: string): number {
  return statSync(path).mtimeMs;
}
