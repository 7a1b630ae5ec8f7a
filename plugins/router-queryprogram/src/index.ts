/**
 * queryprogram (manual chapter "The queryprogram router"): runs a program and does what its one line of output says. The
 * command is cut into words before anything is expanded; an argument that came from outside is refused.
 */
import { chain, defineRouter, findRouteHosts, mapInOrder, option, splitCommand, splitHostItems, trimSpaceEnd } from "@mailkit/sdk";
import type {
  ChildAddress,
  Diagnostic,
  IdentityOption,
  Maybe,
  OptionValues,
  Position,
  RouterAddress,
  RouterOutcome,
  RouterServices,
  RunResult,
  Template,
} from "@mailkit/sdk";
import { parseAddressList, qualify } from "@mailkit/message";
import { readAnswer } from "./answer.ts";
import type { Answer } from "./answer.ts";

const options = {
  command: option.expanded({ doc: "Program and arguments; words are expanded one by one." }),
  command_group: option.group({ shown: ({ groupOf }) => groupOf("command_user"), doc: "Group under which it runs." }),
  command_user: option.user({ doc: "User under whom it runs; must be set." }),
  current_directory: option.string({ default: "/", doc: "Where it runs." }),
  timeout: option.time({ default: 3_600_000, doc: "How long it may take; 0 = any time." }),
} as const;
type Options = OptionValues<typeof options>;

export const driver = defineRouter({
  name: "queryprogram",
  options,
  needs: ["expand", "strings", "processes", "accounts", "hosts", "transports", "setting"],
  check: (own, instance) => check(own, instance),
  route: (address, own, host) => route({ address, own, host }),
});

interface Instance {
  readonly name: string;
  readonly at: Position;
}

function check(own: Options, { name, at }: Instance): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const add = (missing: string, eximText: string): void => {
    const message = `router "${name}" has no ${missing}`;
    faults.push({ code: "MK0662", severity: "error", message, at, hint: `set ${missing}`, eximText, eximWhere: ` for ${name} router` });
  };
  if (own.command === undefined) add("command", "a command specification is required");
  if (own.command_user === undefined) add("command_user", "command_user must be specified");
  return faults;
}

interface Call {
  readonly address: RouterAddress;
  readonly own: Options;
  readonly host: RouterServices;
}

/** One line is read, and no more of it (manual, same chapter). */
const MAX_LINE = 1023;

/** As long as a timer of Node can wait. */
const LONGEST = 2 ** 31 - 1;

function route(call: Call): Maybe<RouterOutcome> {
  return chain(identity(call), (who) => {
    if ("kind" in who) return who;
    return chain(argumentsOf(call), async (argv): Promise<RouterOutcome> => {
      if ("kind" in argv) return argv;
      const { own, host } = call;
      const timeout = own.timeout === 0 ? LONGEST : own.timeout;
      const request = { argv, cwd: own.current_directory ?? "/", timeout, maxOutput: MAX_LINE + 1 };
      const result = await host.processes.run({ ...request, ...who });
      // Who is not root runs it as himself (manual, `command_user`): so it is when addresses are verified.
      if (result.kind === "failed" && result.errno === "EPERM") return understand(call, await host.processes.run(request));
      return understand(call, result);
    });
  });
}

function identity({ address, own, host }: Call): Maybe<{ readonly uid: number; readonly gid: number } | RouterOutcome> {
  return chain(userOf(own.command_user, host), (user) => {
    if (user === undefined) return fault(`${address.router} router: unknown user for command_user`);
    return chain(groupOf(own.command_group, host), (group) => {
      if (own.command_group !== undefined && group === undefined) return fault(`${address.router} router: unknown group for command_group`);
      const gid = group ?? user.gid;
      return gid === undefined ? fault(`command_user set without command_group for ${address.router} router`) : { uid: user.uid, gid };
    });
  });
}

function fault(message: string): RouterOutcome {
  return { kind: "defer", message, notes: { panic: [message] } };
}

/** Name or number as the option says it. */
function nameOf(option: IdentityOption | undefined, host: RouterServices): Maybe<string | undefined> {
  if (option === undefined) return undefined;
  if (option.kind !== "template") return option.kind === "number" ? String(option.id) : option.name;
  return chain(host.expand(option.template), (result) => (result.kind === "value" ? result.text : undefined));
}

function userOf(option: IdentityOption | undefined, host: RouterServices): Maybe<{ uid: number; gid: number | undefined } | undefined> {
  return chain(nameOf(option, host), (name) => {
    if (name === undefined) return undefined;
    return /^\d+$/.test(name) ? { uid: Number(name), gid: undefined } : host.accounts.byName(name);
  });
}

function groupOf(option: IdentityOption | undefined, host: RouterServices): Maybe<number | undefined> {
  return chain(nameOf(option, host), (name) => {
    if (name === undefined) return undefined;
    return /^\d+$/.test(name) ? Number(name) : chain(host.accounts.groupByName(name), (group) => group?.gid);
  });
}

/** Words of each instance's command, compiled at its first use. */
const compiled = new WeakMap<Template, readonly Template[] | string>();

function wordsOf(command: Template, host: RouterServices): readonly Template[] | string {
  const known = compiled.get(command);
  if (known !== undefined) return known;
  const cut = splitCommand(command.source);
  const words = "fault" in cut ? cut.fault : cut.words.map((word) => host.strings.compile(word));
  compiled.set(command, words);
  return words;
}

function argumentsOf({ address, own, host }: Call): Maybe<readonly string[] | RouterOutcome> {
  const command = own.command;
  const words = command === undefined ? "no command is set" : wordsOf(command, host);
  if (typeof words === "string") return { kind: "defer", message: `${address.router} router: ${words}` };
  let fault: RouterOutcome | undefined;
  const expanded = mapInOrder(words, (word, index): Maybe<string> => {
    if (fault !== undefined) return "";
    return chain(host.expand(word), (result) => {
      if (result.kind === "value" && !result.tainted) return result.text;
      const why =
        result.kind === "value"
          ? `Tainted arg ${index} for queryprogram router command: '${result.text}'`
          : `${address.router} router: failed to expand "${word.source}": ${result.message}`;
      fault = { kind: "defer", message: why };
      return "";
    });
  });
  return chain(expanded, (argv) => {
    if (fault !== undefined) return fault;
    return argv[0] === undefined || argv[0] === "" ? { kind: "defer", message: `${address.router} router: empty command` } : argv;
  });
}

function understand(call: Call, result: RunResult): Maybe<RouterOutcome> {
  const name = `${call.address.router} router`;
  switch (result.kind) {
    case "failed":
      return { kind: "defer", message: `${name}: couldn't create child process: ${result.message}` };
    case "timeout":
      return { kind: "defer", message: `${name}: command timed out`, freeze: true };
    case "signalled":
      return { kind: "defer", message: `${name}: command killed by signal ${result.number}` };
    case "exited": {
      if (result.code !== 0) return { kind: "defer", message: `${name}: command returned non-zero code ${result.code}` };
      const line = trimSpaceEnd(result.output.toString("latin1").split("\n", 1)[0]?.slice(0, MAX_LINE) ?? "");
      return line === "" ? { kind: "defer", message: `${name}: command failed to return data` } : obey(call, readAnswer(line), line);
    }
  }
}

function obey(call: Call, answer: Answer, line: string): Maybe<RouterOutcome> {
  switch (answer.word) {
    case "ACCEPT":
      return accept(call, answer);
    case "DECLINE":
      return { kind: "decline", reason: "the program declines" };
    case "PASS":
      return { kind: "pass", reason: "the program passes" };
    case "FAIL":
      return { kind: "fail", message: answer.rest, forUser: true };
    case "DEFER":
    case "FREEZE":
      return { kind: "defer", message: answer.rest, freeze: answer.word === "FREEZE" };
    case "REDIRECT":
      return redirect(call, answer.rest);
    default:
      return panic(call, `bad command yield: ${line}`);
  }
}

function panic({ address }: Call, message: string): RouterOutcome {
  return { kind: "defer", message, notes: { panic: [`${address.router} router: ${message}`] } };
}

function accept(call: Call, answer: Answer): Maybe<RouterOutcome> {
  const { host, address } = call;
  const fields = answer.fields;
  const transport = fields.get("transport");
  if (transport !== undefined && host.transports.where(transport) === undefined) {
    return panic(call, `unknown transport name ${transport} yielded by command`);
  }
  const lookup = fields.get("lookup") ?? "";
  if (lookup !== "" && lookup !== "byname" && lookup !== "bydns") return panic(call, `bad lookup type "${lookup}" yielded by command`);
  const data = fields.get("data");
  const accepted = {
    kind: "ok",
    ...(transport === undefined ? {} : { transport }),
    ...(data === undefined ? {} : { addressData: { text: data, tainted: false } }),
  } as const;
  const items = splitHostItems(fields.get("hosts") ?? "");
  if (items.length === 0) return accepted;
  const question = { items, ignoreMissing: false, byName: lookup === "byname", byDns: lookup === "bydns" };
  return chain(findRouteHosts(question, host.hosts), (found): RouterOutcome => {
    if (found.kind === "found") {
      return { ...accepted, hosts: found.hosts, ...(found.localHost === undefined ? {} : { localHost: found.localHost }) };
    }
    if (found.kind === "defer") return { kind: "defer", message: found.message, timeout: true };
    const name = found.kind === "missing" ? found.name : (items[0]?.name ?? "");
    return { kind: "defer", message: `lookup of host "${name}" failed in ${address.router} router`, freeze: true, errno: -32 };
  });
}

/** Plain addresses only: a pipe or a file in the answer is forbidden. */
function redirect({ address, host }: Call, list: string): RouterOutcome {
  const children: ChildAddress[] = [];
  const domain = host.setting("qualify_recipient") ?? "";
  for (const item of parseAddressList(list, { allowGroups: false, allowDomainLiterals: true })) {
    const { mailbox } = item;
    if (mailbox.ok && (mailbox.domain !== "" || !/^[|/]/.test(item.text))) {
      children.push({ kind: "address", address: qualify(mailbox.address, domain) });
    } else if (item.text.startsWith("|")) {
      children.push({ kind: "pipe", command: item.text.slice(1), extra: { forbidden: true } });
    } else if (item.text.startsWith("/")) {
      children.push({ kind: "file", path: item.text, extra: { forbidden: true } });
    } else if (!mailbox.ok && mailbox.empty !== true) {
      return { kind: "defer", message: `error in redirect data: ${mailbox.message} in "${item.text}"`, errno: -17 };
    }
  }
  if (children.length === 0) return { kind: "decline", reason: `the program names no address for ${address.address}` };
  return { kind: "rerouted", children, detail: list };
}
