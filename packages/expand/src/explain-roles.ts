/** What the strings and conditions inside a step are to it: its key, its list, its `{yes}`. */
import type { Branches, Condition, Node, Parts } from "./ast.ts";

export interface Role {
  readonly role: string | undefined;
  /** Its offsets are those of the string as a whole. */
  readonly placed: boolean;
}

export type Roles = ReadonlyMap<object, Role>;

const NONE: Roles = new Map();
const PLACED: Role = { role: undefined, placed: true };

export function isParts(step: object): step is Parts {
  return "nodes" in step;
}

const CONDITIONS: ReadonlySet<string> = new Set([
  "not", "group", "number", "text", "pair", "single", "flag", "def", "defHeader", "each", "list", "acl", "saslauthd",
]); // prettier-ignore

export function isCondition(step: Node | Condition): step is Condition {
  return CONDITIONS.has(step.kind);
}

/** The two strings of a test; undefined for steps without, and where they are only told apart by a value. */
export function branchesOf(step: Node): Branches | undefined {
  return "branches" in step && !(step.kind === "extract" && step.undecided) ? step.branches : undefined;
}

export function rolesOf(step: Parts | Node | Condition): Roles {
  if (isParts(step)) return new Map(step.nodes.map((node) => [node, PLACED]));
  return isCondition(step) ? rolesInCondition(step) : withBranches(step, rolesInNode(step));
}

const named = (roles: Readonly<Record<string, Parts | Condition | undefined>>): Map<object, Role> =>
  new Map(Object.entries(roles).flatMap(([role, step]) => (step === undefined ? [] : [[step, { role, placed: true }]])));

const numbered = (steps: readonly Parts[], names: readonly string[] = []): Map<object, Role> =>
  new Map(steps.map((step, i) => [step, { role: names[i] ?? `argument ${i + 1}`, placed: true }]));

const ARGUMENTS: ReadonlyMap<string, readonly string[]> = new Map([
  ["acl", ["name"]],
  ["hmac", ["algorithm", "secret", "text"]],
  ["listquote", ["separator", "text"]],
  ["prvs", ["address", "secret", "key number"]],
  ["readfile", ["file", "line end"]],
  ["readsocket", ["socket", "request", "options", "line end", "on failure"]],
  ["sg", ["subject", "regular expression", "replacement"]],
  ["srs_encode", ["secret", "address", "domain"]],
  ["tr", ["subject", "characters", "replacements"]],
]);

function rolesInNode(node: Node): Map<object, Role> {
  switch (node.kind) {
    case "operator":
      return new Map([[node.body, PLACED]]);
    case "call":
      return numbered(node.args, ARGUMENTS.get(node.name));
    case "if":
      return named({ condition: node.condition });
    case "lookup":
      return named({ key: node.key, [node.key === undefined ? "query" : "file"]: node.target });
    case "extract":
      return numbered(node.args, node.undecided ? ["key"] : node.args.length === 3 ? ["number", "separators", "text"] : ["key", "text"]);
    case "listextract":
      return named({ number: node.index, list: node.list });
    case "env":
      return named({ name: node.key });
    case "certextract":
      return named({ field: node.field });
    case "run":
      return rolesInRun(node);
    case "map":
    case "filter":
      return named({ list: node.list, item: node.condition ?? node.body });
    case "reduce":
      return named({ list: node.list, start: node.start, item: node.body });
    case "sort":
      return named({ list: node.list, item: node.extractor });
    case "prvscheck":
      return named({ address: node.address, secret: node.secret, result: node.result });
    case "literal":
    case "variable":
    case "numeric":
    case "header":
    case "fault":
      return new Map();
  }
}

/** The words are strings of their own, cut out of the command. */
function rolesInRun(node: Extract<Node, { kind: "run" }>): Map<object, Role> {
  const roles = named({ command: node.command });
  if (typeof node.words !== "string") node.words.forEach(({ parts }, i) => roles.set(parts, { role: `word ${i + 1}`, placed: false }));
  return roles;
}

function withBranches(node: Node, roles: Map<object, Role>): Roles {
  const { yes, no } = branchesOf(node) ?? {};
  if (yes !== undefined) roles.set(yes, { role: "then", placed: true });
  if (no !== undefined) roles.set(no, { role: "else", placed: true });
  return roles;
}

function rolesInCondition(condition: Condition): Roles {
  switch (condition.kind) {
    case "not":
      return new Map([[condition.of, PLACED]]);
    case "group":
      return new Map(condition.members.map((member) => [member, PLACED]));
    case "pair":
      return condition.name === "match"
        ? named({ subject: condition.a, "regular expression": condition.b })
        : named({ left: condition.a, right: condition.b });
    case "number":
    case "text":
      return named({ left: condition.a, right: condition.b });
    case "single":
    case "list":
      return named({ subject: condition.a });
    case "each":
      return named({ list: condition.list, item: condition.condition });
    case "acl":
      return numbered(condition.args, ["name"]);
    case "saslauthd":
      return numbered(condition.args);
    case "flag":
    case "def":
    case "defHeader":
      return NONE;
  }
}
