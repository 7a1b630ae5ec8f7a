/** All first-party authenticators by name, for the catalogue of drivers. */
import type { AuthenticatorDriver } from "@mailkit/sdk";
import { cramMd5 } from "./drivers/cram-md5.ts";
import { dovecot } from "./drivers/dovecot.ts";
import { external } from "./drivers/external.ts";
import { gsasl } from "./drivers/gsasl.ts";
import { plaintext } from "./drivers/plaintext.ts";
import { tls } from "./drivers/tls.ts";

// oxlint-disable-next-line typescript/no-explicit-any -- drivers of every options table meet here
const ALL: readonly AuthenticatorDriver<any>[] = [plaintext, cramMd5, external, dovecot, gsasl, tls];

// oxlint-disable-next-line typescript/no-explicit-any -- as above
export const authenticatorDrivers: ReadonlyMap<string, AuthenticatorDriver<any>> = new Map(ALL.map((driver) => [driver.name, driver]));
