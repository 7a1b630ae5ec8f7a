/**
 * Conditions that match a list. The list is expanded by the list engine, so a forced failure means "not in the list"
 * here, not "condition skipped" (seen on Exim 4.96).
 */
import type { AclItemSource } from "@mailkit/config";
import {
  type AddressList,
  type DomainList,
  type HostList,
  type HostSubject,
  type ListKind,
  type ListResult,
  type LocalPartList,
  type Maybe,
  type Text,
  isPromise,
  splitAddress,
} from "@mailkit/sdk";
import type { AclCompilers } from "../compile.ts";
import type { ItemRun } from "../items.ts";
import { fault, deferral, type Outcome, type Run, setVariable } from "../run.ts";

interface Matched {
  readonly kind: ListKind;
  /** "no" without asking the list; else what it says. */
  readonly ask: (list: never, run: Run) => Maybe<ListResult> | "no";
  readonly subject: (run: Run) => string;
  /** Keeps the value that a successful match gives. */
  readonly keep?: (run: Run, data: Text | undefined) => void;
}

const TABLE: Readonly<Record<string, Matched>> = {
  domains: {
    kind: "domain",
    subject: (run) => run.context.address?.domain ?? "",
    ask: (list: DomainList, run) => (run.context.address === undefined ? "no" : list.match(run.context.address.domain, run.context.scope)),
    keep: (run, data) => {
      if (run.context.address !== undefined) run.context.address.domainData = data;
    },
  },
  local_parts: {
    kind: "localpart",
    subject: (run) => run.context.address?.localPart ?? "",
    ask: (list: LocalPartList, run) =>
      run.context.address === undefined ? "no" : list.match(run.context.address.localPart, run.context.scope),
    keep: (run, data) => {
      if (run.context.address !== undefined) run.context.address.localPartData = data;
    },
  },
  recipients: {
    kind: "address",
    subject: recipientOf,
    ask: (list: AddressList, run) => (run.context.address === undefined ? "no" : list.match(recipientOf(run), run.context.scope)),
    keep: (run, data) => setVariable(run, "recipient_data", data),
  },
  senders: {
    kind: "address",
    subject: (run) => run.context.message.sender ?? "",
    ask: (list: AddressList, run) => list.match(run.context.message.sender ?? "", run.context.scope),
    keep: (run, data) => setVariable(run, "sender_data", data),
  },
  sender_domains: {
    kind: "domain",
    subject: senderDomain,
    ask: (list: DomainList, run) => list.match(senderDomain(run), run.context.scope),
  },
  hosts: {
    kind: "host",
    subject: (run) => run.context.session.peer?.address ?? "",
    ask: (list: HostList, run) => list.match(hostSubject(run), run.context.scope),
    keep: (run, data) => setVariable(run, "host_data", data),
  },
  authenticated: {
    kind: "localpart",
    subject: (run) => run.context.session.authenticator ?? "",
    ask: (list: LocalPartList, run) => matchWord(list, run.context.session.authenticator, run),
  },
  encrypted: {
    kind: "localpart",
    subject: (run) => run.context.session.tls?.cipher ?? "",
    ask: (list: LocalPartList, run) => matchWord(list, run.context.session.tls?.cipher, run),
  },
};

export function compileListCondition(item: AclItemSource, compilers: AclCompilers): ItemRun {
  const matched = TABLE[item.name] as Matched;
  const list = compilers.list(matched.kind, item.value, item.at) as never;
  return (run) => {
    const answer = matched.ask(list, run);
    if (answer === "no") return "no";
    return isPromise(answer) ? answer.then((result) => conclude(matched, result, run)) : conclude(matched, answer, run);
  };
}

function conclude(matched: Matched, result: ListResult, run: Run): Outcome {
  switch (result.kind) {
    case "yes":
      matched.keep?.(run, result.data);
      explain(matched, run, result.item);
      return "yes";
    case "no":
      explain(matched, run, result.item);
      return "no";
    case "defer":
      return deferral(run, result.message);
    case "error":
      return fault(run, result.message);
  }
}

function explain(matched: Matched, run: Run, item: string | undefined): void {
  if (!run.context.scope.services.trace.on) return;
  const subject = matched.subject(run);
  run.detail = item === undefined ? subject : `${subject}: ${item}`;
}

function recipientOf(run: Run): string {
  const { address } = run.context;
  return address === undefined ? "" : `${address.localPart}@${address.domain}`;
}

function senderDomain(run: Run): string {
  return splitAddress(run.context.message.sender ?? "").domain;
}

function hostSubject(run: Run): HostSubject {
  const { host, session } = run.context;
  return { address: session.peer?.address, names: () => host.hostNames(session) };
}

/** A session without authentication or encryption is in no list, not even in `!x`. */
function matchWord(list: LocalPartList, word: string | undefined, run: Run): Maybe<ListResult> | "no" {
  return word === undefined ? "no" : list.match(word, run.context.scope);
}
