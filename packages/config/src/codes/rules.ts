/** MK05xx ACLs, MK06xx retry and rewriting rules. */
import type { CodeEntry } from "./entry.ts";

export const ruleCodes = {
  MK0501: {
    severity: "error",
    title: "ACL name missing",
    explanation: "An ACL begins with its name and a colon.",
    example: "begin acl\n  accept",
  },
  MK0502: {
    severity: "error",
    title: "ACL defined twice",
    explanation: "Each ACL has a name of its own.",
    example: "check_rcpt:\n  accept\ncheck_rcpt:\n  deny",
  },
  MK0503: {
    severity: "error",
    title: "Unknown ACL verb",
    explanation: "Verbs are accept, defer, deny, discard, drop, require, warn.",
    example: "check:\n  denny",
  },
  MK0504: {
    severity: "error",
    title: "Unknown ACL condition or modifier",
    explanation: "The word after the verb, or at the start of a further line, is none that ACLs have.",
    example: "deny domain = x",
  },
  MK0505: {
    severity: "error",
    title: "Item not allowed here",
    explanation: "Modifiers cannot be negated; endpass belongs into accept and discard.",
    example: "deny !message = x",
  },
  MK0506: {
    severity: "error",
    title: "ACL item without a value",
    explanation: "All items but endpass need an equals sign.",
    example: "deny hosts",
  },
  MK0507: {
    severity: "error",
    title: "No ACL variable",
    explanation: "Names begin with acl_c or acl_m, followed by a digit or an underscore.",
    example: "warn set counter = 1",
  },
  MK0508: {
    severity: "warning",
    title: "Text after an ACL name",
    explanation: "It is ignored, as Exim ignores it.",
    example: "check: accept",
  },
  MK0510: {
    severity: "error",
    title: "Unknown ACL",
    explanation: "The name is none of the acl section; the stage would answer with a temporary error.",
    example: "acl_smtp_rcpt = chek_rcpt",
  },
  MK0601: {
    severity: "error",
    title: "Retry rule without an error",
    explanation: "A rule is a pattern, an error (* for all) and steps.",
    example: "example.org",
  },
  MK0602: {
    severity: "error",
    title: "Unknown retry error",
    explanation: "The second word names an error of the manual's list.",
    example: "* timeouts F,1h,5m",
  },
  MK0603: {
    severity: "error",
    title: "Malformed retry steps",
    explanation: "Steps are F,cutoff,interval or G,cutoff,interval,factor or H,..., separated by semicolons.",
    example: "* * F,1h",
  },
  MK0610: {
    severity: "error",
    title: "Rewriting rule without a replacement",
    explanation: "A rule is a pattern, a replacement and flags.",
    example: "*@old.example",
  },
  MK0611: {
    severity: "error",
    title: "Unknown rewriting flag",
    explanation: "Often a replacement with spaces that is not quoted.",
    example: "*@a ${lookup {x}lsearch{f}} F",
  },
  MK0612: {
    severity: "error",
    title: "S rule without a regular expression",
    explanation: "Rules for SMTP commands match the raw argument by a regular expression.",
    example: "a@b c@d S",
  },
  MK0613: {
    severity: "error",
    title: "Envelope flag at transport time",
    explanation: "headers_rewrite rewrites header lines only.",
    example: "headers_rewrite = *@a $1@b E",
  },
} as const satisfies Record<string, CodeEntry>;
