/** TLS with LDAP servers: main options `ldap_...` to what Node wants. */
import { chain, isFault, type LookupHost, type Maybe } from "@mailkit/sdk";

export interface TlsSettings {
  /** Upgrade connections that begin in clear text. */
  readonly startTls: boolean;
  readonly options: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly ciphers?: string;
    readonly rejectUnauthorized: boolean;
  };
}

/** A text is the fault. Files are read anew for each connection: the file service keeps those that did not change. */
export function tlsSettings(host: LookupHost): Maybe<TlsSettings | string> {
  const startTls = host.setting("ldap_start_tls") === "yes";
  const require = host.setting("ldap_require_cert") ?? "demand";
  const options = {
    rejectUnauthorized: /^(?:hard|demand|try)$/i.test(require),
    ...given("ciphers", host.setting("ldap_cipher_suite")),
  };
  const file = (option: string): Maybe<string | undefined> => readOption(host, option);
  return chain(authorities(host), (ca) =>
    chain(file("ldap_cert_file"), (cert) =>
      chain(file("ldap_cert_key"), (key) => {
        const fault = [ca, cert, key].find((text) => text?.startsWith(FAULT));
        if (fault !== undefined) return fault.slice(FAULT.length);
        return { startTls, options: { ...options, ...given("ca", ca), ...given("cert", cert), ...given("key", key) } };
      }),
    ),
  );
}

const FAULT = "\0";

function given<K extends string>(name: K, text: string | undefined): { readonly [key in K]?: string } {
  return (text === undefined || text === "" ? {} : { [name]: text }) as { readonly [key in K]?: string };
}

function readOption(host: LookupHost, option: string): Maybe<string | undefined> {
  const path = host.setting(option);
  return path === undefined || path === "" ? undefined : readFile(host, path, option);
}

function readFile(host: LookupHost, path: string, option: string): Maybe<string> {
  return chain(host.files.read(path), (text) => (typeof text === "string" ? text : `${FAULT}${option}: ${path}: ${text.message}`));
}

/** Certificates of `ldap_ca_cert_file` and of all files in `ldap_ca_cert_dir`. */
function authorities(host: LookupHost): Maybe<string | undefined> {
  const option = "ldap_ca_cert_dir";
  const folder = host.setting(option);
  return chain(readOption(host, "ldap_ca_cert_file"), (file) => {
    if (folder === undefined || folder === "") return file;
    return chain(host.files.list(folder), (names): Maybe<string | undefined> => {
      if (isFault(names)) return `${FAULT}${option}: ${folder}: ${names.message}`;
      const texts = names.map((name) => readFile(host, `${folder}/${name}`, option));
      return Promise.all(texts).then((all) => [file ?? "", ...all.filter((text) => text.includes("BEGIN"))].join("\n"));
    });
  });
}
