/**
 * The control socket of a running server against requests that are none: each line gets an answer of one line, or the
 * connection ends; the server goes on, and so does its queue.
 */
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { until } from "../support/wait.ts";
import { startMailkit, type MailServer } from "../support/mailkit.ts";
import { rawClient } from "../support/smtp-client.ts";
import { siteConfiguration } from "../support/sites.ts";
import { usersFile } from "../support/users.ts";
import { below, DAMAGES, pick, type Random } from "./mutate.ts";
import { hold, type FuzzRun, type FuzzTarget } from "./target.ts";

export const control: FuzzTarget = {
  name: "control",
  open: async (t): Promise<FuzzRun> => {
    const server = await startMailkit(t, {
      config: siteConfiguration({ domain: "truc.fr", format: "maildir", main: "queue_only" }),
      files: { users: usersFile("fred"), aliases: "", "home/fred/": "" },
      env: { MAILKIT_DNS: "127.0.0.1:1" },
    });
    const path = join(server.folder, "spool/input/worker-0/control.sock");
    const ids = await fill(server, 5);
    return {
      round: async (random, seen) => {
        const octets = requests(random, ids);
        seen(octets);
        try {
          await checkConversation(path, octets);
        } catch (error) {
          throw new Error(server.describe().slice(-4000), { cause: error });
        }
        hold(server.running, () => `the server ended\n${server.describe()}`);
      },
      finish: async () => {
        const [status] = await ask(path, Buffer.from('{"op":"status"}\n'));
        hold((status as { value?: { pid?: number } }).value?.pid === server.pid, () => `status: ${JSON.stringify(status)}`);
        hold(server.paniclog() === "", () => server.paniclog());
        // Whatever was done to the queue, it can still be listed and run.
        const { code, stderr } = await server.command(["queue", "run", "--force"]);
        hold(code === 0, () => stderr);
        hold(server.paniclog() === "", () => server.paniclog());
      },
    };
  },
};

async function fill(server: MailServer, count: number): Promise<string[]> {
  const client = await rawClient(server.address, server.port);
  await client.say("EHLO a.test");
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    for (const line of ["MAIL FROM:<>", "RCPT TO:<fred@truc.fr>", "DATA"]) await client.say(line);
    ids.push(/id=(\S+)/.exec(await client.say(`Subject: ${n}\r\n\r\nx\r\n.`))?.[1] ?? "none");
  }
  await client.say("QUIT");
  return ids;
}

const VALUES = [
  null, true, false, 0, -1, 1e308, "", "x", "a@b", "\0", "../../x", "x".repeat(5000), [], [null], [[]], ["a@b"], [1], {}, { kind: "x" }, { length: 1e9 },
  { text: "(((", regex: true }, { text: null, regex: 0 }, { choice: null }, { toString: 1 },
] as const; // prettier-ignore

const FIELDS = ["op", "id", "action", "by", "wish", "identity", "ids", "kind", "addresses", "sender", "choice", "form", "now", "__proto__"];

function samples(ids: readonly string[], random: Random): unknown {
  const id = random() < 0.8 ? pick(random, ids) : "1vNQwE-00000000001-0000";
  const act = (action: unknown): unknown => ({ op: "act", id, action, by: "root" });
  return pick(random, [
    { op: "status" },
    { op: "run", wish: { force: false, thaw: false, recipient: { text: "x", regex: false } } },
    { op: "listing", wish: { choice: { queueName: "", ids: [] }, form: { form: "usual", undeliveredOnly: false }, now: 1 } },
    { op: "adopt" },
    { op: "giveTo", identity: "x", ids: [] },
    act({ kind: "freeze" }),
    act({ kind: "thaw" }),
    act({ kind: "addRecipients", addresses: ["fred@truc.fr"] }),
    act({ kind: "markDelivered", addresses: ["nobody@truc.fr"] }),
    act({ kind: "editSender", sender: "a@b.test" }),
    act({ kind: "setQueue", queueName: "" }),
  ]);
}

function requests(random: Random, ids: readonly string[]): Buffer {
  const lines: string[] = [];
  for (let count = 1 + below(random, 3); count > 0; count--) {
    const request = samples(ids, random);
    for (let changes = below(random, 3); changes > 0; changes--) changeWithin(request, random);
    lines.push(JSON.stringify(request));
  }
  let octets = Buffer.from(`${lines.join("\n")}${random() < 0.9 ? "\n" : ""}`, "latin1");
  if (random() < 0.4) octets = Buffer.from(pick(random, DAMAGES).apply(octets, random));
  return random() < 0.002 ? Buffer.concat([Buffer.alloc(1 << 21, "{"), octets]) : octets;
}

function changeWithin(value: unknown, random: Random): void {
  if (typeof value !== "object" || value === null) return;
  const holder = value as Record<string, unknown>;
  const keys = Object.keys(holder);
  const key = random() < 0.8 && keys.length > 0 ? pick(random, keys) : pick(random, FIELDS);
  if (random() < 0.5) return changeWithin(Object.hasOwn(holder, key) ? holder[key] : undefined, random);
  if (random() < 0.3) delete holder[key];
  else
    Object.defineProperty(holder, key, {
      value: structuredClone(pick(random, VALUES)),
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

async function checkConversation(path: string, octets: Buffer): Promise<void> {
  const answers = await ask(path, octets);
  const lines = octets.toString("latin1").split("\n").length - 1;
  const ends = answers.filter((answer) => typeof (answer as { ok?: unknown }).ok === "boolean").length;
  hold(ends === lines || octets.length > 1 << 20, () => `${lines} requests, ${ends} answers: ${JSON.stringify(answers)}`);
}

/** Answers, until the server closes. */
async function ask(path: string, octets: Buffer): Promise<unknown[]> {
  const socket: Socket = connect(path);
  let text = "";
  let closed = false;
  let broken = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.on("error", (error) => (broken = error.message));
  socket.on("close", () => (closed = true));
  socket.end(octets);
  await until(() => closed, { what: "the end of the conversation", instead: () => octets.toString("latin1").slice(0, 2000) });
  hold(broken === "" || octets.length > 1 << 20, () => `the conversation broke: ${broken}`);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}
