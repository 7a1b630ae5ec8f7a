/** Tests of Sieve against a message. Header values are decoded to UTF-8 (RFC 5228 §2.7.2). */
import { chain, isPromise, splitItems, trimSpace } from "@mailkit/sdk";
import type { Maybe, Scope } from "@mailkit/sdk";
import { decodeRfc2047 } from "@mailkit/expand";
import { parseAddressList, qualify } from "@mailkit/message";
import { variableText } from "../exim/filter-scope.ts";
import type { AddressPart, SieveTest } from "./ast.ts";
import type { SieveRequest } from "./evaluate.ts";
import { parseMailto } from "./mailto.ts";
import { anyMatch } from "./match.ts";

export function evaluateTest(test: SieveTest, request: SieveRequest): Maybe<boolean> {
  switch (test.kind) {
    case "constant":
      return test.value;
    case "not":
      return chain(evaluateTest(test.test, request), (verdict) => !verdict);
    case "allof":
      return evaluateAll(test.tests, request, false);
    case "anyof":
      return evaluateAll(test.tests, request, true);
    case "exists":
      return test.headers.every((name) => request.scope.header("rh", name) !== undefined);
    case "header":
      return test.headers.some((name) => anyMatch(headerValues(request.scope, name), test.keys, test.matching));
    case "address":
      return test.fields.some((name) => anyMatch(partsOf(headerAddresses(name, request), test.part), test.keys, test.matching));
    case "envelope":
      return evaluateEnvelope(test, request);
    case "size":
      return chain(variableText(request.scope, "message_size"), (size) =>
        test.over ? Number(size) > test.limit : Number(size) < test.limit,
      );
    case "validNotifyMethod":
      return test.uris.every((uri) => typeof parseMailto(uri) !== "string");
    case "notifyMethodCapability":
      // RFC 5435 §5: nobody knows whether the reader of a mailbox is online.
      return (
        typeof parseMailto(test.uri) !== "string" && /^online$/i.test(test.capability) && anyMatch(["maybe"], test.keys, test.matching)
      );
  }
}

/** `deciding` ends the walk; what follows is not looked at (README.SIEVE, "Allof And Anyof Test"). */
// oxlint-disable-next-line max-params
function evaluateAll(tests: readonly SieveTest[], request: SieveRequest, deciding: boolean, from = 0): Maybe<boolean> {
  for (let i = from; i < tests.length; i++) {
    const verdict = evaluateTest(tests[i] as SieveTest, request);
    if (isPromise(verdict)) return verdict.then((known) => (known === deciding ? deciding : evaluateAll(tests, request, deciding, i + 1)));
    if (verdict === deciding) return deciding;
  }
  return !deciding;
}

/** Each line of that name: unfolded, decoded, without white space around it. */
export function headerValues(scope: Scope, name: string): string[] {
  const found = scope.header("lh", name);
  if (found === undefined) return [];
  const values = found.text === "" ? [""] : splitItems(found.text, 0, ":");
  return values.map((value) => trimSpace(decodeRfc2047(value.replace(/\r?\n(?=[ \t])/g, ""), { charset: "UTF-8", checkLength: false })));
}

/** Encoded words are display names, so that addresses are read before anything is decoded. */
function headerAddresses(name: string, { scope, qualifyDomain }: SieveRequest): string[] {
  const text = scope.header("h", name)?.text ?? "";
  return parseAddressList(text).flatMap(({ mailbox }) => (mailbox.ok ? [qualify(mailbox.address, qualifyDomain)] : []));
}

function partsOf(addresses: readonly string[], part: AddressPart): string[] {
  return addresses.flatMap((address) => partOf(address, part) ?? []);
}

/** How others write sub-addresses nobody knows (RFC 5233 §4): all is the user, and there is no detail. */
function partOf(address: string, part: AddressPart): string | undefined {
  const at = address.lastIndexOf("@");
  const localPart = at < 0 ? address : address.slice(0, at);
  switch (part) {
    case "all":
      return address;
    case "localpart":
    case "user":
      return localPart;
    case "domain":
      return at < 0 ? "" : address.slice(at + 1);
    case "detail":
      return undefined;
  }
}

function evaluateEnvelope(test: Extract<SieveTest, { kind: "address" | "envelope" }>, request: SieveRequest): Maybe<boolean> {
  return chain(variableText(request.scope, "sender_address"), (sender) =>
    test.fields.some((field) => {
      const values = field === "from" ? partsOf([sender], test.part) : recipientParts(request, test.part);
      return anyMatch(values, test.keys, test.matching);
    }),
  );
}

/** Of the user's own address the configuration says what is the user and what the detail. */
function recipientParts({ recipient, useraddress, subaddress }: SieveRequest, part: AddressPart): string[] {
  if (part === "user" && useraddress !== undefined) return [useraddress];
  if (part === "detail" && subaddress !== undefined) return [subaddress];
  return partsOf([recipient], part);
}
