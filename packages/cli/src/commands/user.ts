/** `mailkit user ...`: the accounts for POP3 and AUTH (a file `name:hash`, argon2id). */
import { isUserName, openUserStore } from "@mailkit/auths";
import type { UserChange, UserStore } from "@mailkit/auths";
import { usersFile } from "@mailkit/runtime";
import type { Engine } from "@mailkit/runtime";
import { fromUnicode, lower, unicodeOf } from "@mailkit/sdk";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync } from "node:fs";
import type { CommandContext, CommandSpec, FlagSpec, Flags } from "../command.ts";
import { CommandFailure, JSON_FLAG } from "../command.ts";
import { openForCommand } from "../open.ts";
import { passwordFrom } from "../secret.ts";

const PASSWORD: Readonly<Record<string, FlagSpec>> = {
  "password-stdin": { type: "boolean", doc: "read the password from standard input, its first line" },
  generate: { type: "boolean", doc: "make a password and print it" },
};
const NAME = [{ name: "NAME", doc: "name of the user: letters, digits and . _ + @ -", required: true }] as const;
const WHERE = 'Users are in $MAILKIT_USERS, else in a file "users" beside the spool. The password is asked for; it is never an argument.';

interface Work {
  readonly context: CommandContext;
  readonly engine: Engine;
  readonly flags: Flags;
  readonly store: UserStore;
  readonly file: string;
  readonly name: string;
}

function command(
  word: string,
  summary: string,
  work: (given: Work) => Promise<number>,
  more: Partial<CommandSpec> & { readonly examples: readonly string[] },
): CommandSpec {
  return {
    name: `user ${word}`,
    summary,
    ...more,
    run: async (context, { args, flags }) => {
      const engine = await openForCommand(context, flags);
      try {
        const file = usersFile(engine, context.env);
        return await work({ context, engine, flags, store: openUserStore(file), file, name: fromUnicode(args[0] ?? "") });
      } finally {
        await engine.close();
      }
    },
  };
}

export const userCommands: readonly CommandSpec[] = [
  command("add", "add a user, with a password", add, {
    description: WHERE,
    args: NAME,
    flags: PASSWORD,
    examples: ["mailkit user add fred", "mailkit user add fred --generate", "printf 'secret\\n' | mailkit user add fred --password-stdin"],
  }),
  command("list", "list users", list, { flags: JSON_FLAG, examples: ["mailkit user list", "mailkit user list --json"] }),
  command("passwd", "give a user another password", passwd, {
    description: WHERE,
    args: NAME,
    flags: PASSWORD,
    examples: ["mailkit user passwd fred", "mailkit user passwd fred --generate"],
  }),
  command("remove", "remove a user; the mailbox stays", remove, { args: NAME, examples: ["mailkit user remove fred"] }),
];

async function add(work: Work): Promise<number> {
  if (await isKnown(work)) return settle(work, { kind: "exists", message: `there is a user "${work.name}" already` }, "");
  const fresh = !existsSync(work.file);
  const password = await newPassword(work);
  const change = await work.store.add(work.name, password.text);
  if (fresh && change.kind === "done") giveToServer(work);
  return settle(work, change, `user ${work.name} added${password.shown}`);
}

async function passwd(work: Work): Promise<number> {
  if (!(await isKnown(work))) return settle(work, { kind: "unknown", message: `there is no user "${work.name}"` }, "");
  const password = await newPassword(work);
  return settle(work, await work.store.setPassword(work.name, password.text), `password of ${work.name} changed${password.shown}`);
}

async function remove(work: Work): Promise<number> {
  return settle(work, await work.store.remove(work.name), `user ${work.name} removed`);
}

/** Asked before the password is. */
async function isKnown({ store, name }: Work): Promise<boolean> {
  if (!isUserName(lower(name)))
    throw new CommandFailure(`"${unicodeOf(name)}" cannot be the name of a user`, { hint: "letters, digits and . _ + @ - only" });
  return (await store.list()).includes(lower(name));
}

async function list({ context, flags, store, file }: Work): Promise<number> {
  const names = (await store.list()).map(unicodeOf);
  if (flags.flag("json")) context.stdout.write(`${JSON.stringify({ file, users: names })}\n`);
  else if (names.length > 0) context.stdout.write(`${names.join("\n")}\n`);
  else if (!flags.flag("quiet")) context.stderr.write(`no users in ${file}\n`);
  return 0;
}

async function newPassword({ context, flags, name }: Work): Promise<{ readonly text: string; readonly shown: string }> {
  if (flags.flag("generate")) {
    const text = randomBytes(12).toString("base64url");
    return { text, shown: `, password ${text}` };
  }
  return { text: await passwordFrom(context, flags, { prompt: `password for ${unicodeOf(name)}: `, twice: true }), shown: "" };
}

/** A file that root makes is for the server's own user. */
function giveToServer({ engine, file }: Work): void {
  const { isRoot, eximUid, eximGid } = engine.machine;
  if (isRoot) chownSync(file, eximUid, eximGid);
}

function settle({ context, flags, file }: Work, change: UserChange, done: string): number {
  if (change.kind !== "done") {
    const hint =
      change.kind === "exists" ? "mailkit user passwd gives another password" : change.kind === "unknown" ? "mailkit user list" : undefined;
    throw new CommandFailure(unicodeOf(change.message), hint === undefined ? {} : { hint });
  }
  if (!flags.flag("quiet") || flags.flag("generate")) context.stdout.write(`${unicodeOf(done)}  (${file})\n`);
  return 0;
}
