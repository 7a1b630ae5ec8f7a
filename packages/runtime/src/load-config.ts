/** Configuration file to `Configuration`, with the real compilers and the drivers that are there. */
import { debianFolder, engineCompilers, loadConfiguration } from "@mailkit/config";
import type { Configuration, DebianFolder, DriverCatalogue, LoadRequest, TransportInstance } from "@mailkit/config";
import type { ListEnvironment } from "@mailkit/lists";
import { genericAuthenticator } from "@mailkit/auths";
import { genericRouterOptions } from "@mailkit/routers";
import { genericTransportOptions } from "@mailkit/transports";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_RECEIVED_HEADER_TEXT } from "@mailkit/message";
import { configAccounts } from "./ports/accounts.ts";
import { embeddedConfiguration, EMBEDDED_NAME } from "./embedded-default.ts";
import type { EmbeddedPaths } from "./embedded-default.ts";
import type { Machine } from "./machine.ts";
import { EXIM_VERSION, MAILKIT_VERSION } from "./machine.ts";
import type { Drivers } from "./plugins.ts";

export type ConfigText = { readonly kind: "file"; readonly path: string } | { readonly kind: "embedded"; readonly paths: EmbeddedPaths };

export interface LoadParts {
  readonly source: ConfigText;
  readonly drivers: Drivers;
  readonly lookupTypes: ReadonlySet<string>;
  readonly machine: Machine;
  readonly defines: readonly (readonly [string, string])[];
  readonly lists: ListEnvironment;
}

/** What follows `_HAVE_`: the truth about mailkit. */
export const FEATURES = [
  "CRYPTEQ",
  "ICONV",
  "IPV6",
  "TLS",
  "TLS1_3",
  "PIPE_CONNECT",
  "OPENSSL",
  "CONTENT_SCANNING",
  "DNSSEC",
  "I18N",
  "PIPE_CONNECT",
  "PRDR",
  "PROXY",
  "SRS",
  "NATIVE_SRS",
  "TRANSPORT_APPEND_MAILDIR",
  "TRANSPORT_APPEND_MAILSTORE",
];

export function loadConfig(parts: LoadParts): Configuration {
  const { machine } = parts;
  return loadConfiguration({
    ...textOf(parts.source, machine),
    catalogue: catalogueOf(parts),
    compilers: engineCompilers(parts.lists),
    defines: parts.defines.map(([name, value]) => ({ name, value })),
    environment: {
      machine: { ...machineDefaults(machine), headers_charset: headersCharset(parts.source) },
      accounts: configAccounts(),
      features: FEATURES,
    },
  });
}

const DEBIANS = /^\/(?:etc|var\/lib)\/exim4(?:\/|$)/;
const OWN = /(?:^|\/)mailkit\.conf$/;

/** Exim's own default, but that of Debian's build for Debian's files, and Unicode for mailkit's own configuration. */
export function headersCharset(source: ConfigText): string {
  return source.kind === "embedded" || DEBIANS.test(source.path) || OWN.test(source.path) ? "UTF-8" : "ISO-8859-1";
}

function textOf(source: ConfigText, machine: Machine): Pick<LoadRequest, "file" | "readFile"> {
  if (source.kind === "file") return folderOf(source.path, machine) ?? { file: source.path, readFile: readConfigFile };
  return {
    file: EMBEDDED_NAME,
    readFile: (path) => (path === EMBEDDED_NAME ? embeddedConfiguration(source.paths) : readConfigFile(path)),
  };
}

/** A folder is Debian's: `mailkit check /etc/exim4`. */
function folderOf(path: string, machine: Machine): DebianFolder | undefined {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const mailname = readConfigFile("/etc/mailname");
  return debianFolder(
    path.replace(/(?<=.)\/+$/, ""),
    { readFile: readConfigFile, list: listFolder },
    {
      mailname: (typeof mailname === "string" ? /^[ \t]*(\S+)/.exec(mailname)?.[1] : undefined) || machine.hostname,
      fqdn: machine.hostname,
      version: `mailkit ${MAILKIT_VERSION}`,
    },
  );
}

function listFolder(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory() !== true);
  } catch {
    return [];
  }
}

const PLAIN_SMTP = "begin transports\n\ncallout:\n  driver = smtp\n  helo_data = $smtp_active_hostname\n";

/** For callouts of routers that have no transport: standard port, nothing set (manual §"Callout verification"). */
export function plainSmtpTransport(parts: LoadParts): TransportInstance | undefined {
  const config = loadConfiguration({
    file: "callout",
    readFile: () => PLAIN_SMTP,
    catalogue: catalogueOf(parts),
    compilers: engineCompilers(parts.lists),
    environment: { machine: machineDefaults(parts.machine), accounts: configAccounts(), features: FEATURES },
  });
  return config.transports.get("callout");
}

/** A configuration may be large; one without end is a mistake. */
const MAX_FILE = 64 << 20;

function readConfigFile(path: string): string | { code: string; message: string } {
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) return { code: "EISDIR", message: "it is a directory" };
    // A pipe of the shell, as in <(command), has a name under /dev; another one may wait for ever.
    if (!stats.isFile() && !/^\/(?:dev|proc)\//.test(path)) return { code: "EINVAL", message: "it is no regular file" };
    return readBounded(path);
  } catch (error) {
    const { code = "EIO", message } = error as NodeJS.ErrnoException;
    return { code, message: code === "EACCES" ? "permission denied" : message };
  }
}

function readBounded(path: string): string | { code: string; message: string } {
  const file = openSync(path, "r");
  try {
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(64 << 10);
      const read = readSync(file, chunk);
      if (read === 0) return Buffer.concat(chunks, size).toString("latin1");
      size += read;
      if (size > MAX_FILE) return { code: "EFBIG", message: "too large for a configuration file" };
      chunks.push(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
}

function catalogueOf({ drivers, lookupTypes }: LoadParts): DriverCatalogue {
  return {
    routers: drivers.routers,
    transports: drivers.transports,
    authenticators: drivers.authenticators,
    lookups: lookupTypes,
    genericRouter: genericRouterOptions,
    genericTransport: genericTransportOptions,
    genericAuthenticator,
  };
}

function machineDefaults(machine: Machine): Record<string, string | undefined> {
  return {
    primary_hostname: machine.hostname,
    exim_user: machine.eximUser,
    exim_group: machine.eximGroup,
    spool_directory: "/var/spool/mailkit",
    log_file_path: undefined,
    exim_path: "/usr/sbin/exim",
    smtp_banner: `$smtp_active_hostname ESMTP mailkit ${MAILKIT_VERSION} $tod_full`,
    received_header_text: DEFAULT_RECEIVED_HEADER_TEXT.replace("(Exim $version_number)", `(mailkit ${MAILKIT_VERSION})`),
    exim_version: EXIM_VERSION,
  };
}
