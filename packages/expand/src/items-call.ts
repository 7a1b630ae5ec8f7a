/** Items that take strings and give one: `sg`, `tr`, `hmac`, `readfile`... (manual §"Expansion items"). */
import { chain, EMPTY, expansionError, value } from "@mailkit/sdk";
import type { Expansion, Maybe, Text } from "@mailkit/sdk";
import { runAcl } from "./acl-call.ts";
import type { Node, Parts } from "./ast.ts";
import { authresults } from "./authresults.ts";
import type { Environment } from "./environment.ts";
import { unlessFailed } from "./environment.ts";
import { evaluateAll } from "./evaluate.ts";
import { forbidden } from "./forbidden.ts";
import { hmac } from "./hmac.ts";
import { imapfolder } from "./imapfolder.ts";
import { readfile, readsocket } from "./items-read.ts";
import { substitute } from "./items-sg.ts";
import { cutItem } from "./operators-cut.ts";
import { prvs } from "./prvs.ts";
import { encodeSrs } from "./srs.ts";

type CallNode = Extract<Node, { kind: "call" }>;

export function callItem(node: CallNode, env: Environment): Maybe<Expansion> {
  const refused = forbidden(node.name, env);
  if (refused !== undefined) return refused;
  if (node.name === "perl" || node.name === "dlfunc") {
    return expansionError(`"${node.name}" encountered, but this facility is not included in this binary`);
  }
  return unlessFailed<Text[], Expansion>(evaluateAll(node.args, env), (args) => call(node, args, env)) as Maybe<Expansion>;
}

function call(node: CallNode, args: readonly Text[], env: Environment): Maybe<Expansion> {
  const [first = EMPTY, second = EMPTY, third = EMPTY] = args;
  const sources: readonly Parts[] = node.args;
  switch (node.name) {
    case "acl":
      return chain(runAcl(args, env), (result) => ("accepted" in result ? value(result.message.text, result.message.tainted) : result));
    case "authresults":
      return authresults(first, env);
    case "hmac":
      return hmacItem(first.text, second.text, third.text);
    case "imapfolder":
      return imapfolder(args, env.settings.headersCharset ?? "UTF-8");
    case "listquote":
      return listquote(first.text, second);
    case "prvs":
      return prvs(args, env);
    case "readfile":
      return readfile({ path: first, eol: args[1]?.text, source: sources[0] as Parts }, env);
    case "readsocket":
      return readsocket(args, sources, env);
    case "sg":
      return substitute({ subject: first, regex: second.text, replacement: third, sources }, env);
    case "srs_encode":
      return value(encodeSrs(first.text, second.text, third.text, env.services.clock.now()), second.tainted || third.tainted);
    case "tr":
      return value(translate(first.text, second.text, third.text), first.tainted || third.tainted);
    default:
      return cutItem(node.name, args);
  }
}

function hmacItem(algorithm: string, secret: string, text: string): Expansion {
  if (algorithm !== "md5" && algorithm !== "sha1") return expansionError(`hmac algorithm "${algorithm}" is not recognised`);
  return value(hmac(algorithm, secret, text).toString("hex"));
}

/** Doubles the separator; nothing becomes a space, which is an empty item when the list is read. */
function listquote(separators: string, text: Text): Expansion {
  const separator = separators.slice(0, 1);
  if (text.text === "") return value(" ");
  return value(separator === "" ? text.text : text.text.replaceAll(separator, separator + separator), text.tainted);
}

/** The last of equal characters counts; a short list of replacements goes on with its last one. */
function translate(text: string, from: string, to: string): string {
  if (to === "") return text;
  const table = new Map<string, string>();
  for (let i = 0; i < from.length; i++) table.set(from[i] as string, to[Math.min(i, to.length - 1)] as string);
  let result = "";
  for (let i = 0; i < text.length; i++) result += table.get(text[i] as string) ?? text[i];
  return result;
}
