/**
 * Every `$variable` by name, with one line about it: for diagnostics, completion and the reference page. Data only. A line
 * is a name, `=` and the value of a variable that nothing has set (without it: nothing), `!` when it usually comes from
 * outside (manual §"Expansion variables", "Tainted"), and the text.
 */
import { ADDRESS_VARIABLES } from "./address.ts";
import { CONTENT_VARIABLES } from "./content.ts";
import { HOST_VARIABLES } from "./host.ts";
import { MESSAGE_VARIABLES } from "./message.ts";
import { SESSION_VARIABLES } from "./session.ts";
import { TLS_VARIABLES } from "./tls.ts";

export interface KnownVariable {
  readonly name: string;
  readonly doc: string;
  /** Usually holds text from outside. */
  readonly tainted: boolean;
  /** Its value while nothing has set it. */
  readonly unset: string;
}

const LINE = /^(\S+) (?:=(\S+) )?(!?)(.*)$/gm;

/** All names that are fixed. Families beside them: `variableFamilies`. */
export const knownVariables: ReadonlyMap<string, KnownVariable> = new Map(
  [ADDRESS_VARIABLES, CONTENT_VARIABLES, HOST_VARIABLES, MESSAGE_VARIABLES, SESSION_VARIABLES, TLS_VARIABLES]
    .flatMap((text) => Array.from(text.matchAll(LINE), (line) => variableOf(line)))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((variable) => [variable.name, variable]),
);

function variableOf([, name = "", unset = "", mark, doc = ""]: RegExpExecArray): KnownVariable {
  return { name, doc, tainted: mark === "!", unset };
}
