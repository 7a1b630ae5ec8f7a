/** Faults that show when options are seen together. */
import type { Diagnostic, Position } from "@mailkit/sdk";
import type { Options } from "./plan.ts";

interface Instance {
  readonly name: string;
  readonly at: Position;
  readonly isSet: (option: string) => boolean;
}

export function checkOptions(values: Options, instance: Instance): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const add = (code: string, severity: Diagnostic["severity"], message: string, hint: string): void => {
    found.push({ code, severity, message, at: instance.at, hint });
  };
  for (const name of ["command_timeout", "data_timeout", "final_timeout"] as const) {
    if (values[name] <= 0) {
      add("MK0871", "error", `command, data, or final timeout value is zero for ${instance.name} transport`, `set ${name} to more than 0s`);
    }
  }
  if (values.hosts_override && values.hosts === undefined) {
    add(
      "MK0872",
      "warning",
      `hosts_override of the ${instance.name} transport does nothing without hosts`,
      "set hosts, or remove hosts_override",
    );
  }
  if (values.tls_privatekey !== undefined && values.tls_certificate === undefined) {
    add(
      "MK0873",
      "warning",
      `tls_privatekey of the ${instance.name} transport does nothing without tls_certificate`,
      "set tls_certificate too",
    );
  }
  const ciphers = values.tls_require_ciphers?.constant;
  if (ciphers !== undefined && /\b(NORMAL|SECURE\d*|PFS|PERFORMANCE|LEGACY)\b|%/.test(ciphers)) {
    add(
      "MK0874",
      "error",
      `tls_require_ciphers of the ${instance.name} transport is a GnuTLS priority string`,
      "write a cipher list in OpenSSL's form",
    );
  }
  return found;
}
