/** Commands of Exim filters that need little: `add`, `headers`, `save`, `pipe`, `logfile`, `logwrite`, `testprint`. */
import { chain, trimSpace, trimSpaceStart } from "@mailkit/sdk";
import type { Maybe, Text } from "@mailkit/sdk";
import type { Command } from "./ast.ts";
import type { Step } from "./evaluate.ts";
import { expandIn } from "./filter-scope.ts";
import { parseNumber } from "./numbers.ts";
import type { Run } from "./run.ts";

type Of<K extends Command["kind"]> = Extract<Command, { kind: K }>;

export function applyAdd({ number, variable }: Of<"add">, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, number, "add command"), (amount) => {
    if ("error" in amount) return fault(amount.error);
    return chain(expandIn(run.scope, variable, "add command"), (name) => {
      if ("error" in name) return fault(name.error);
      const value = parseNumber(amount.text);
      if (value === undefined) return fault(`malformed number "${amount.text}" in "add" command`);
      if (!/^n[0-9]$/.test(name.text)) return fault(`unknown variable "${name.text}" in "add" command`);
      const at = Number(name.text[1]);
      run.numbers[at] = ((run.numbers[at] ?? 0) + value) | 0;
      run.actions.push({ kind: "add", number: value, variable: name.text });
      return undefined;
    });
  });
}

/** Changes count at once for what follows (manual §"Adding and removing headers in a system filter"). */
export function applyHeaders({ change, text }: Of<"headers">, run: Run): Maybe<Step> {
  const evaluated = change === "charset" ? expandIn(run.scope, text, "headers command") : expandUnlessForced(text, run);
  return chain(evaluated, (value) => {
    if (value === undefined) return undefined;
    if ("error" in value) return fault(value.error);
    run.actions.push({ kind: "headers", change, text: value.text });
    if (change === "charset") run.setCharset(value.text);
    else if (trimSpace(value.text) !== "") run.request.changeHeaders?.(change, trimSpaceStart(value.text));
    return undefined;
  });
}

/** For `headers add` and `remove` a forced failure means that nothing is done; undefined then. */
function expandUnlessForced(
  template: Of<"headers">["text"],
  run: Run,
): Maybe<{ readonly text: string } | { readonly error: string } | undefined> {
  return chain(template.evaluate(run.scope), (result) => {
    if (result.kind === "value") return result;
    if (result.kind === "forcedFailure") return undefined;
    return { error: `failed to expand "${template.source}" in headers command: ${result.message}` };
  });
}

export function applySave({ path, mode, seen, noError }: Of<"save">, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, path, "save command"), (value) => {
    if ("error" in value) return fault(value.error);
    run.actions.push({ kind: "save", path: value.text, mode, seen, noError });
    return undefined;
  });
}

/** The command is expanded by the transport; what only the filter knows goes along. */
export function applyPipe({ command, seen, noError }: Of<"pipe">, run: Run): Step {
  run.actions.push({ kind: "pipe", command, variables: command.includes("$") ? pipeVariables(run) : {}, seen, noError });
  return undefined;
}

function pipeVariables(run: Run): Record<string, Text> {
  const variables: Record<string, Text> = {};
  run.scope.frame.numeric.forEach((text, at) => {
    variables[String(at)] = text;
  });
  const address = run.thisAddress();
  if (address.text !== "") variables["thisaddress"] = address;
  return variables;
}

const LOG_MODE = 0o600;

export function applyLogfile({ path, mode, seen, noError }: Of<"logfile">, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, path, "logfile command"), (value) => {
    if ("error" in value) return fault(value.error);
    run.logfile = { path: value.text, mode: mode ?? LOG_MODE };
    run.actions.push({ kind: "logfile", ...run.logfile, seen, noError });
    return undefined;
  });
}

export function applyLogwrite({ text, seen, noError }: Of<"logwrite">, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, text, "logwrite command"), (value) => {
    if ("error" in value) return fault(value.error);
    return chain(writeLog(value.text, run), (failed) => {
      if (failed !== undefined) return fault(failed);
      run.actions.push({ kind: "logwrite", text: value.text, seen, noError });
      return undefined;
    });
  });
}

function writeLog(text: string, { request, logfile }: Run): Maybe<string | undefined> {
  if (request.purpose !== "deliver") return undefined;
  if (request.forbid.has("logwrite")) return "logwrite command forbidden";
  if (logfile === undefined) return 'attempt to obey "logwrite" command without a previous "logfile"';
  if (request.writeLog === undefined) return `failed to open filter log file "${logfile.path}": Operation not permitted`;
  return chain(request.writeLog({ ...logfile, text }), (failed) =>
    failed === undefined ? undefined : `failed to open filter log file "${logfile.path}": ${failed}`,
  );
}

export function applyTestprint({ text, seen, noError }: Of<"testprint">, run: Run): Maybe<Step> {
  return chain(expandIn(run.scope, text, "testprint command"), (value) => {
    if ("error" in value) return fault(value.error);
    run.actions.push({ kind: "testprint", text: value.text, seen, noError });
    return undefined;
  });
}

function fault(message: string): Step {
  return { kind: "error", message };
}
