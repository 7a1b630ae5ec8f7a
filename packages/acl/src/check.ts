/**
 * Faults of ACLs that show at load: what may not stand where, and constant arguments that make no sense. Exim finds them
 * when a client is there, and answers 451; so they are warnings here, but for conditions that mailkit does not have.
 */
import type { AclItemSource, AclSource, AclStatementSource } from "@mailkit/config";
import { type Diagnostic, nearest, trimSpace } from "@mailkit/sdk";
import { parseRatelimit } from "./conditions/ratelimit-parse.ts";
import { parseSeen } from "./conditions/seen.ts";
import { CONTROL_NAMES, parseControl } from "./controls.ts";
import { type AclHook, hookName, hookOption, mayDiscard } from "./hooks.ts";
import { MISSING_CONDITIONS } from "./items.ts";
import { controlFault, controlMask, hookBit, itemFault, itemMask, verifyFault, verifyMask } from "./legality.ts";
import { parseTime } from "./scalars.ts";
import { parseVerify, VERIFY_KINDS } from "./verify/parse.ts";

export interface AclCheck {
  readonly acls: ReadonlyMap<string, AclSource>;
  /** Hooks whose option is a constant name of an ACL. */
  readonly hooks: ReadonlyMap<AclHook, string>;
}

export function checkAcls({ acls, hooks }: AclCheck): Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const acl of acls.values()) for (const item of itemsOf(acl)) found.push(...checkItem(item));
  for (const [hook, name] of hooks) {
    for (const acl of reachable(acls, name)) {
      for (const statement of acl.statements) found.push(...checkStatement(statement, hook));
    }
  }
  return withoutRepeats(found);
}

function itemsOf(acl: AclSource): AclItemSource[] {
  return acl.statements.flatMap((statement) => statement.items);
}

/** The ACL and those that it runs by a constant name. */
function reachable(acls: ReadonlyMap<string, AclSource>, name: string): AclSource[] {
  const names = new Set([name]);
  // A set grows while it is walked, and visits what was added.
  for (const next of names) {
    const acl = acls.get(next);
    if (acl === undefined) continue;
    for (const item of itemsOf(acl)) {
      const nested = trimSpace(item.value).split(/\s/, 1)[0] as string;
      if (item.name === "acl" && acls.has(nested)) names.add(nested);
    }
  }
  return [...names].map((found) => acls.get(found)).filter((acl) => acl !== undefined);
}

function isConstant(item: AclItemSource): boolean {
  return !/[$\\]/.test(item.value);
}

function checkItem(item: AclItemSource): Diagnostic[] {
  const missing = Object.hasOwn(MISSING_CONDITIONS, item.name) ? MISSING_CONDITIONS[item.name] : undefined;
  if (missing !== undefined) {
    const hint = "leave the condition out, or ask a content scanner instead (spam, rspamd)";
    return [
      {
        code: "MK0521",
        severity: "error",
        message: `condition "${item.name}" is not supported: ${missing}`,
        at: item.at,
        length: item.name.length,
        hint,
      },
    ];
  }
  if (!isConstant(item)) return [];
  const fault = argumentFault(item);
  return fault === undefined ? [] : [{ code: "MK0522", severity: "warning", at: item.at, length: item.name.length, ...fault }];
}

interface ArgumentFault {
  readonly message: string;
  readonly hint?: string;
  readonly eximText?: string;
}

function argumentFault(item: AclItemSource): ArgumentFault | undefined {
  switch (item.name) {
    case "control":
      return controlArgument(item.value);
    case "verify":
      return verifyArgument(item.value);
    case "delay":
      return parseTime(trimSpace(item.value)) === undefined
        ? { message: `"${item.value}" is not a time`, hint: "write digits and units: 30s, 2m30s" }
        : undefined;
    case "ratelimit":
      return words(parseRatelimit(item.value), (why) => ({
        message: `ratelimit: ${why}`,
        hint: "write ratelimit = limit / period / options / key",
      }));
    case "seen":
      return words(parseSeen(item.value), (why) => ({ message: `seen: ${why}`, hint: "write seen = [-]time / key=... / options" }));
    default:
      return undefined;
  }
}

function words<T extends object>(parsed: T | string, make: (fault: string) => ArgumentFault): ArgumentFault | undefined {
  return typeof parsed === "string" ? make(parsed) : undefined;
}

function controlArgument(value: string): ArgumentFault | undefined {
  if (parseControl(value) !== undefined) return undefined;
  const name = value.split("/", 1)[0] as string;
  const near = CONTROL_NAMES.includes(name) ? undefined : nearest(name, CONTROL_NAMES);
  const message = CONTROL_NAMES.includes(name)
    ? `control "${name}" has no option "${value.slice(name.length + 1)}"`
    : `there is no control "${name}"`;
  return { message, eximText: `syntax error in "control=${value}"`, ...(near === undefined ? {} : { hint: `did you mean "${near}"?` }) };
}

function verifyArgument(value: string): ArgumentFault | undefined {
  const spec = parseVerify(value);
  if (typeof spec !== "string") return spec.kind === "arc" ? { message: "ARC is not verified by mailkit" } : undefined;
  const near = nearest(value.split(/[/=]/, 1)[0] as string, VERIFY_KINDS);
  return {
    message: `verify: ${spec}`,
    eximText: spec,
    ...(near === undefined || spec.includes(`"${near}"`) === false ? {} : { hint: `did you mean "${near}"?` }),
  };
}

function checkStatement(statement: AclStatementSource, hook: AclHook): Diagnostic[] {
  const faults: Diagnostic[] = [];
  const option = hookOption(hook);
  const add = (code: string, item: { at: AclItemSource["at"]; length: number }, eximText: string) => {
    const message = `${eximText}, which ${option} runs`;
    faults.push({
      code,
      severity: "warning",
      message,
      at: item.at,
      length: item.length,
      eximText,
      hint: "every client that gets here is answered 451",
    });
  };
  if (statement.verb === "discard" && !mayDiscard(hook)) {
    add("MK0524", { at: statement.at, length: 7 }, `"discard" verb not allowed in ${hookName(hook)} ACL`);
  }
  for (const item of statement.items) {
    const eximText = placeFault(item, hook);
    if (eximText !== undefined) add("MK0523", { at: item.at, length: item.name.length }, eximText);
  }
  return faults;
}

const MODIFIERS: ReadonlySet<string> = new Set(["add_header", "remove_header", "delay", "queue"]);

function placeFault(item: AclItemSource, hook: AclHook): string | undefined {
  const bit = hookBit(hook);
  if ((itemMask(item.name) & bit) === 0) return itemFault(item.name, !MODIFIERS.has(item.name), hook);
  if (!isConstant(item)) return undefined;
  if (item.name === "control") {
    const control = parseControl(item.value);
    return control !== undefined && (controlMask(control.name) & bit) === 0 ? controlFault(control.name, hook) : undefined;
  }
  if (item.name !== "verify") return undefined;
  const spec = parseVerify(item.value);
  return typeof spec !== "string" && (verifyMask(spec.kind) & bit) === 0 ? verifyFault(spec.kind, hook) : undefined;
}

function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter(({ at, message }) => {
    const key = `${at?.file}:${at?.line}:${at?.column} ${message}`;
    return !seen.has(key) && seen.add(key).size > 0;
  });
}
