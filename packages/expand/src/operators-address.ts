/** Operators on addresses and on what has to be quoted in them (manual §"address", §"addresses", §"quote"). */
import { expansionError, value } from "@mailkit/sdk";
import { extractAddresses, parseMailbox } from "@mailkit/message";
import { appendItem } from "./list-output.ts";
import type { Operator } from "./operators.ts";

/** Empty when it is no address. */
export function addressOperator(part: "address" | "localPart" | "domain"): Operator {
  return {
    run: (text) => {
      const mailbox = parseMailbox(text.text);
      return value(mailbox.ok ? mailbox[part] : "", text.tainted);
    },
  };
}

/** Faulty addresses are left out. `>x` in front sets the separator of the result. */
export const addressesOperator: Operator = {
  run: (text) => {
    const head = /^[ \t\n\v\f\r]*>([^])?/.exec(text.text);
    if (head !== null && head[1] === undefined) {
      return expansionError(`output separator missing in expanding \${addresses:${text.text}}`);
    }
    const separator = head?.[1] ?? ":";
    const { addresses } = extractAddresses(head === null ? text.text : text.text.slice(head[0].length));
    return value(
      addresses.reduce<string | undefined>((list, address) => appendItem(list, address, separator), undefined) ?? "",
      text.tainted,
    );
  },
};

/** In double quotes unless it is made of letters, digits, `_`, `.`, `-` alone. */
export function quoteText(text: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(text) ? text : inQuotes(text);
}

/** In double quotes when RFC 5322 §3.4.1 wants that. Double dots are tolerated, as everywhere in Exim. */
export function quoteLocalPart(text: string): string {
  const plain = /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]+$/.test(text) && !text.startsWith(".") && !text.endsWith(".");
  return plain ? text : inQuotes(text);
}

function inQuotes(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}"`;
}
