/** `${prvs` and `${prvscheck`: signed addresses for bounces, BATV (manual §"prvs", §"Bounce address tag validation"). */
import { chain, expansionError, value } from "@mailkit/sdk";
import type { Expansion, Maybe, Text } from "@mailkit/sdk";
import type { Node } from "./ast.ts";
import type { Environment } from "./environment.ts";
import { afterwards, setItem, withValue } from "./environment.ts";
import { evaluateParts } from "./evaluate.ts";
import { hmac } from "./hmac.ts";

const DAY = 86_400_000;
const LIFETIME = 7;

export function prvs([address, secret, key]: readonly Text[], env: Environment): Expansion {
  const signed = address?.text ?? "";
  const at = signed.lastIndexOf("@");
  if (at < 1) return expansionError("prvs first argument must be a qualified email address");
  const number = key?.text ?? "0";
  if (!/^[0-9]$/.test(number)) return expansionError("prvs third argument must be a single digit");
  const head = number + dayStamp(env, LIFETIME);
  return value(`prvs=${head}${hashOf(secret?.text ?? "", head + signed)}=${signed}`, address?.tainted);
}

/** Last day on which the address counts, modulo 1000. */
function dayStamp(env: Environment, ahead: number): string {
  const day = (Math.floor(env.services.clock.now() / DAY) + ahead) % 1000;
  return String(day).padStart(3, "0");
}

function hashOf(secret: string, text: string): string {
  return hmac("sha1", secret, text).toString("hex").slice(0, 6);
}

const SIGNED = /^prvs=([0-9])([0-9]{3})([0-9a-f]{6})=(.+@.+)$/is;

/**
 * The secret is expanded with the decoded address at hand. Afterwards only `$prvscheck_result` stays.
 */
export function prvscheckItem(node: Extract<Node, { kind: "prvscheck" }>, env: Environment): Maybe<Expansion> {
  const { scope } = env;
  return withValue<Expansion>(evaluateParts(node.address, env), (address) => {
    const found = SIGNED.exec(address.text);
    if (found === null) {
      setItem(scope, "prvscheck_result", undefined);
      return value("");
    }
    const [, key = "", day = "", hash = "", original = ""] = found;
    const bare = value(original, address.tainted) as Expansion & Text;
    setItem(scope, "prvscheck_address", bare);
    setItem(scope, "prvscheck_keynum", { text: key, tainted: false });
    const result = withValue<Expansion>(evaluateParts(node.secret, env), (secret) => {
      const good = hash === hashOf(secret.text, key + day + original) && isCurrent(day, env);
      setItem(scope, "prvscheck_result", good ? { text: "1", tainted: false } : undefined);
      if (node.result === undefined) return bare;
      return chain(evaluateParts(node.result, env), (text) => (text.kind === "value" && text.text === "" ? bare : text));
    });
    return afterwards(result, () => {
      setItem(scope, "prvscheck_address", undefined);
      setItem(scope, "prvscheck_keynum", undefined);
    });
  });
}

/** The stamp is of today or ahead of it, modulo 1000. */
function isCurrent(day: string, env: Environment): boolean {
  return (Number(day) - Number(dayStamp(env, 0)) + 1000) % 1000 < 500;
}
