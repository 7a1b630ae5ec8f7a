/** Refusals of text from outside, in Exim's words, with the name of the validated variable behind them. */
import { expansionError } from "@mailkit/sdk";
import type { ExpansionFailure } from "@mailkit/sdk";
import type { Parts } from "./ast.ts";
import { variablesIn } from "./environment.ts";

const VALIDATED: ReadonlyMap<string, string> = new Map([
  ["local_part", "local_part_data"],
  ["domain", "domain_data"],
  ["original_local_part", "local_part_data"],
  ["original_domain", "domain_data"],
  ["local_part_prefix", "local_part_data"],
  ["local_part_suffix", "local_part_data"],
  ["sender_address", "sender_data"],
  ["sender_address_local_part", "sender_data"],
  ["sender_address_domain", "sender_data"],
  ["recipients", "recipient_data"],
  ["sender_host_name", "host_data"],
]);

const ANY = "use the result of a lookup or of a list match instead: it is trusted";

/** `message` is what Exim says; `source` is the string that gave the text, to see which variables are in play. */
export function taintRefusal(message: string, source: Parts | undefined): ExpansionFailure {
  const names = source === undefined ? [] : variablesIn(source).filter((name) => VALIDATED.has(name));
  const advice = [...new Set(names)].map((name) => `$${VALIDATED.get(name)} is the validated form of $${name}`);
  return expansionError(`${message} (hint: ${advice.length === 0 ? ANY : advice.join("; ")})`);
}

export function taintedFile(path: string, source: Parts | undefined): ExpansionFailure {
  return taintRefusal(`Tainted filename '${path}'`, source);
}
