/** What `mailkit plugins new` writes: a package with a driver that works and passes `mailkit plugins test`. Pure. */
import { API_VERSION } from "@mailkit/sdk";

export type SkeletonKind = "router" | "transport" | "lookup" | "authenticator";
export const SKELETON_KINDS: readonly SkeletonKind[] = ["router", "transport", "lookup", "authenticator"];

/** Name of the package, and text by file name. */
export function skeleton(kind: SkeletonKind, name: string): { readonly packageName: string; readonly files: ReadonlyMap<string, string> } {
  const packageName = `mailkit-${kind}-${name.replaceAll("_", "-")}`;
  return {
    packageName,
    files: new Map([
      ["package.json", manifest(kind, name, packageName)],
      ["index.js", DRIVERS[kind].replaceAll("NAME", name)],
      ["compliance.js", COMPLIANCE[kind]],
      ["README.md", readme(kind, name, packageName)],
    ]),
  };
}

function manifest(kind: SkeletonKind, name: string, packageName: string): string {
  const permissions = kind === "transport" ? { write: ["*"] } : {};
  const json = {
    name: packageName,
    version: "0.1.0",
    description: `the ${kind} ${name} for mailkit`,
    license: "MIT",
    type: "module",
    exports: "./index.js",
    files: ["index.js", "compliance.js"],
    mailkit: { api: API_VERSION, kind, name, permissions },
    peerDependencies: { "@mailkit/sdk": "^0.1.0" },
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

const DRIVERS: Readonly<Record<SkeletonKind, string>> = {
  router: `/**
 * NAME: sends mail for a user to the same user of another domain. A router says an outcome: ok, rerouted, decline, pass,
 * fail, defer, discard. It never throws, and uses only the services that it names in \`needs\`.
 */
import { defineRouter, option } from "@mailkit/sdk";

export const driver = defineRouter({
  name: "NAME",
  options: {
    new_domain: option.string({ doc: "The domain that addresses get." }),
  },
  needs: [],
  check: (options, instance) =>
    instance.isSet("new_domain") ? [] : [{ code: "XX0001", severity: "error", message: "new_domain is not set", at: instance.at }],
  route: (address, options) => {
    if (options.new_domain === undefined) return { kind: "defer", message: "new_domain is not set" };
    if (address.domain === options.new_domain) return { kind: "decline", reason: "the address is there already" };
    return { kind: "rerouted", children: [{ kind: "address", address: \`\${address.localPart}@\${options.new_domain}\` }] };
  },
});
`,
  transport: `/**
 * NAME: appends each message to a file, with its length before it. \`prepare\` turns options into a plain order;
 * \`perform\` carries it out, in another process under the recipient's uid. Facts are reported, nothing is thrown.
 */
import { open } from "node:fs/promises";
import { defineTransport, errnoOf, option, pathOf } from "@mailkit/sdk";

export const driver = defineTransport({
  name: "NAME",
  where: "local",
  options: {
    file: option.expanded({ doc: "The file that messages are appended to." }),
  },
  needs: ["expand"],
  prepare: async (job, options, host) => {
    const path = options.file === undefined ? undefined : await host.expand(options.file);
    if (path?.kind !== "value") return later(job, path?.message ?? "file is not set");
    if (path.tainted) return later(job, \`tainted file name \${path.text}\`);
    return { kind: "order", order: { path: path.text } };
  },
  perform: async (order, { message, recipients }) => {
    const octets = Buffer.concat([Buffer.from(\`\${message.headers}\\n\`, "latin1"), await message.body.read()]);
    const errno = await append(order.path, Buffer.concat([Buffer.from(\`\${octets.length}\\n\`), octets]));
    const fact = errno === undefined ? { kind: "delivered" } : { kind: "deferred", message: order.path, scope: "recipient", errno };
    return { facts: recipients.map(() => fact) };
  },
});

function later(job, message) {
  return { kind: "report", report: { facts: job.recipients.map(() => ({ kind: "deferred", message, scope: "none" })) } };
}

/** The number of the system's error, if there is one. One write, so that deliveries at the same time do not mix. */
async function append(path, octets) {
  let file;
  try {
    file = await open(pathOf(path), "a", 0o600);
    await file.write(octets);
    await file.datasync();
    return undefined;
  } catch (error) {
    return errnoOf(error.code) ?? 5;
  } finally {
    await file?.close();
  }
}
`,
  lookup: `/**
 * NAME: \${lookup{key}NAME{/path/to/file}}: the value of the first line "key=value" of a file. A lookup says found,
 * notFound or defer: mail must not bounce because a file cannot be read just now.
 */
import { chain, defineLookup, isFault } from "@mailkit/sdk";

export const driver = defineLookup({
  name: "NAME",
  style: "single-key",
  find: ({ file, key }, host) =>
    chain(host.files.read(file), (text) => {
      if (isFault(text)) return { kind: "defer", message: \`\${file}: \${text.message}\` };
      const line = text.split("\\n").find((one) => one.startsWith(\`\${key}=\`));
      return line === undefined ? { kind: "notFound" } : { kind: "found", text: line.slice(key.length + 1) };
    }),
});
`,
  authenticator: `/**
 * NAME: a mechanism of one step: the client sends user, a NUL, password. The driver only collects what the client says
 * in $auth1, $auth2; the generic option server_condition decides.
 */
import { defineAuthenticator } from "@mailkit/sdk";

export const driver = defineAuthenticator({
  name: "NAME",
  options: {},
  serverStart: (initial) => (initial === undefined ? { kind: "challenge", octets: Buffer.alloc(0), state: undefined } : read(initial)),
  serverNext: (response) => read(response),
});

function read(octets) {
  const words = octets.toString("latin1").split("\\0");
  if (words.length !== 2 || words[0] === "") return { kind: "malformed", message: "user, NUL, password are wanted" };
  return { kind: "done", auth: words.map((text) => ({ text, tainted: true })) };
}
`,
};

const COMPLIANCE: Readonly<Record<SkeletonKind, string>> = {
  router: `/** What \`mailkit plugins test\` tries: settings with which the driver works, and what it says of which address. */
export const fixtures = [
  { title: "another domain", options: { new_domain: "new.example" }, address: "fred@example.com", expect: "rerouted" },
  { title: "there already", options: { new_domain: "example.com" }, address: "fred@example.com", expect: "decline" },
  { title: "not set", options: {}, address: "fred@example.com", expect: "defer" },
];
`,
  transport: `/** What \`mailkit plugins test\` tries: a place where mail arrives, and how to read what has arrived. */
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export async function makeFixture() {
  const folder = mkdtempSync(join(tmpdir(), "mailkit-driver-"));
  const file = join(folder, "mail");
  return {
    options: { file },
    brokenOptions: { file: join(folder, "no/such/folder") },
    arrived: async () => messagesOf(await readFile(file, "latin1").catch(() => "")),
    close: async () => rmSync(folder, { recursive: true }),
  };
}

function messagesOf(text) {
  const messages = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\\n", at);
    const length = Number(text.slice(at, end));
    messages.push(text.slice(end + 1, end + 1 + length));
    at = end + 1 + length;
  }
  return messages;
}
`,
  lookup: `/** What \`mailkit plugins test\` tries: files, and what is found in them. */
export const fixtures = [
  { title: "a key", files: { "/data": "a=1\\nfred=fred@example.com\\n" }, file: "/data", key: "fred", expect: "found", text: "fred@example.com" },
  { title: "no such key", files: { "/data": "a=1\\n" }, file: "/data", key: "fred", expect: "notFound" },
  { title: "no such file", files: {}, file: "/data", key: "fred", expect: "defer" },
];
`,
  authenticator: `/** What \`mailkit plugins test\` tries: what a client sends first, and the step that answers it. */
export const fixtures = [
  { title: "user and password", options: {}, initial: "fred\\0secret", expect: "done" },
  { title: "nothing yet", options: {}, expect: "challenge" },
  { title: "no password", options: {}, initial: "fred", expect: "malformed" },
];
`,
};

const USE: Readonly<Record<SkeletonKind, string>> = {
  router: "begin routers\n\nrename:\n  driver = NAME\n  domains = old.example\n  new_domain = new.example\n",
  transport: "begin transports\n\nfiled:\n  driver = NAME\n  file = /var/mail/$local_part_data\n",
  lookup: "data = ${lookup{$local_part}NAME{/etc/mail/table}}\n",
  authenticator: "begin authenticators\n\nours:\n  driver = NAME\n  public_name = OURS\n  server_condition = ${if eq{$auth2}{secret}}\n",
};

function readme(kind: SkeletonKind, name: string, packageName: string): string {
  return `# ${packageName}

The ${kind} driver \`${name}\` for mailkit.

\`\`\`
${USE[kind].replaceAll("NAME", name)}\`\`\`

\`\`\`
mailkit plugins test .                  # does it hold to the contract of its kind?
mailkit plugins add . --allow           # install it here, and let it run
\`\`\`

\`index.js\` is the driver, \`compliance.js\` what the test tries. The key \`mailkit\` of \`package.json\` says what it is and what it
needs: \`permissions\` may name \`net\`, \`read\`, \`write\`, \`run\`, \`env\`, each a list; people see them before they allow it.
`;
}
