/** The embedded default's folder: users with passwords made at the first start, aliases, mailboxes. */
import { openUserStore } from "@mailkit/auths";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { embeddedAliases } from "./embedded-default.ts";
import type { ConfigText } from "./load-config.ts";

const USERS = ["alice", "bob"];

/** Where it is; makes nothing. */
export function prepareEmbedded(state: string, env: NodeJS.ProcessEnv): ConfigText {
  return {
    kind: "embedded",
    paths: { state, smtpPort: Number(env.MAILKIT_SMTP_PORT ?? 2525), submissionPort: Number(env.MAILKIT_SUBMISSION_PORT ?? 2587) },
  };
}

export interface SandboxUser {
  readonly name: string;
  readonly password: string;
}

/** Makes what is missing. The passwords of the sandbox are kept beside it, readable by its owner, so that they can be shown again. */
export async function makeSandbox(state: string): Promise<readonly SandboxUser[]> {
  for (const folder of ["", "mail", "spool", "log"]) mkdirSync(join(state, folder), { recursive: true, mode: 0o700 });
  const aliases = join(state, "aliases");
  if (!existsSync(aliases)) writeFileSync(aliases, embeddedAliases(USERS[0] as string), { mode: 0o600 });
  const kept = join(state, "sandbox-passwords");
  if (!existsSync(join(state, "users"))) {
    const users = USERS.map((name): SandboxUser => ({ name, password: randomBytes(6).toString("base64url") }));
    const store = openUserStore(join(state, "users"));
    for (const { name, password } of users) await store.add(name, password);
    writeFileSync(kept, users.map(({ name, password }) => `${name}:${password}\n`).join(""), { mode: 0o600 });
  }
  return existsSync(kept) ? readPasswords(readFileSync(kept, "utf8")) : [];
}

function readPasswords(text: string): SandboxUser[] {
  return text.split("\n").flatMap((line) => {
    const colon = line.indexOf(":");
    return colon > 0 ? [{ name: line.slice(0, colon), password: line.slice(colon + 1) }] : [];
  });
}
