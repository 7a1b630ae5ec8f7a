/**
 * The macros that exist before the first line (manual §"Builtin macros"): `_HAVE_...`, `_DRIVER_...`, `_OPT_...`,
 * `_LOOKUP_...`, `_ACL_...`, `_LOG_...`. They tell what this mailkit really has: drivers and options from the catalogue,
 * facilities from `features`. Longer names stand before shorter ones, since names match as substrings.
 */
import type { OptionTable } from "@mailkit/sdk";
import { ACL_CONDITIONS, ACL_MODIFIERS } from "./sections/acl.ts";
import { LOG_SELECTORS } from "./log-selectors.ts";
import { MAIN_OPTIONS } from "./main-options.ts";
import type { Macro } from "./source/macros.ts";
import type { DriverCatalogue } from "./types.ts";

/** What follows `_HAVE_`; a caller who has less or more passes its own list. */
export const DEFAULT_FEATURES: readonly string[] = [
  "CRYPTEQ",
  "ICONV",
  "IPV6",
  "TLS",
  "OPENSSL",
  "TLS_RESUME",
  "CONTENT_SCANNING",
  "DKIM",
  "DNSSEC",
  "EVENT",
  "I18N",
  "PRDR",
  "PROXY",
  "SPF",
  "SRS",
  "NATIVE_SRS",
  "DANE",
  "TRANSPORT_APPEND_MAILDIR",
  "TRANSPORT_APPEND_MAILSTORE",
  "TRANSPORT_APPEND_MBX",
];

const SIGNED = `From:Sender:Reply-To:Subject:Date:Message-ID:To:Cc:MIME-Version:Content-Type:Content-Transfer-Encoding:Content-ID:
Content-Description:Resent-Date:Resent-From:Resent-Sender:Resent-To:Resent-Cc:Resent-Message-ID:In-Reply-To:References:List-Id:List-Help:
List-Unsubscribe:List-Subscribe:List-Post:List-Owner:List-Archive`.replace(/\n/g, "");

const VALUES: readonly (readonly [string, string])[] = [
  ["_DKIM_SIGN_HEADERS", SIGNED],
  [
    "_DKIM_OVERSIGN_HEADERS",
    SIGNED.split(":")
      .map((name) => `+${name}`)
      .join(":"),
  ],
  ["_CRYPTO_HASH_SHA3", "y"],
  ["_CRYPTO_SIGN_ED25519", "y"],
];

const known = new WeakMap<DriverCatalogue, readonly (readonly [string, string])[]>();

export function predefinedMacros(catalogue: DriverCatalogue, features: readonly string[] = DEFAULT_FEATURES): Macro[] {
  let pairs = features === DEFAULT_FEATURES ? known.get(catalogue) : undefined;
  pairs ??= pairsOf(catalogue, features);
  if (features === DEFAULT_FEATURES) known.set(catalogue, pairs);
  return pairs.map(([name, value]) => ({ name, value, origin: "builtin", uses: 0 }));
}

function pairsOf(catalogue: DriverCatalogue, features: readonly string[]): readonly (readonly [string, string])[] {
  const names = new Set<string>();
  const add = (prefix: string, words: Iterable<string>): void => {
    for (const word of words) names.add(`${prefix}${word.toUpperCase()}`);
  };
  add("_HAVE_", features);
  add("_HAVE_LOOKUP_", catalogue.lookups);
  add("_LOG_", LOG_SELECTORS);
  add(
    "_ACL_COND_",
    ACL_CONDITIONS.filter((name) => name !== "dcc" && name !== "atrn_domains"),
  );
  add("_ACL_MOD_", ACL_MODIFIERS);
  add("_OPT_MAIN_", present(MAIN_OPTIONS));
  addDrivers("ROUTER", catalogue.routers, catalogue.genericRouter);
  addDrivers("TRANSPORT", catalogue.transports, catalogue.genericTransport);
  addDrivers("AUTHENTICATOR", catalogue.authenticators, catalogue.genericAuthenticator);
  const pairs: (readonly [string, string])[] = [...names].map((name) => [name, "y"]);
  return [...pairs, ...VALUES].sort(([a], [b]) => b.length - a.length || (a < b ? -1 : 1));

  function addDrivers(kind: string, drivers: ReadonlyMap<string, { readonly options: OptionTable }>, generic: OptionTable): void {
    add(`_OPT_${kind}S_`, ["driver", ...present(generic)]);
    for (const [name, driver] of drivers) {
      names.add(`_DRIVER_${kind}_${name.toUpperCase()}`);
      add(`_OPT_${kind}_${name.toUpperCase()}_`, present(driver.options));
    }
  }
}

function present(table: OptionTable): readonly string[] {
  return Object.keys(table).filter((name) => table[name]?.missing === undefined);
}
